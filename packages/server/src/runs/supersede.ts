import type { Status } from '@towpath/contract';
import { answersOlder, mayDeploy } from '../domain/admission/runs.ts';
import type { Db } from '../store/connect.ts';
import { deploymentsOfRuns } from '../store/deployments.ts';
import { endRun, lockRunStill, newerRuns, olderWaiting, type RunRow, stagesOf } from '../store/runs.ts';

/** A deployment that has brought its release there, is bringing it, or waits for its turn. */
const reaching: ReadonlySet<Status> = new Set<Status>(['queued', 'running', 'succeeded']);

/** The newer run of the same branch that this one must leave the target to; null when it may go on. */
export async function supersededBy(db: Db, run: RunRow, targetId: number): Promise<number | null> {
  const newer = await newerRuns(db, run);
  const brought = await deploymentsOfRuns(
    db,
    targetId,
    newer.map((each) => each.id),
  );
  const verdict = mayDeploy(
    run,
    newer.map((each) => ({
      id: each.id,
      ended: each.endedAt !== null,
      deploys: brought.some((row) => row.runId === each.id && reaching.has(row.status)),
    })),
  );
  return verdict.go ? null : verdict.by;
}

/** Ends older runs of the branch that wait for the same approval: whoever looks finds one question, the newest. */
export async function supersedeWaiting(db: Db, run: RunRow, environment: string): Promise<void> {
  const waiting = [];
  for (const other of await olderWaiting(db, run)) {
    const asks = (await stagesOf(db, other.id)).find((each) => each.status === 'waiting')?.plan.environment ?? '';
    waiting.push({ run: other.id, service: other.serviceId, branch: other.branch, environment: asks });
  }
  const arrived = { run: run.id, service: run.serviceId, branch: run.branch, environment };
  for (const older of answersOlder(arrived, waiting)) await endSuperseded(db, older, 'waiting', run.id);
}

/** Ends a run in favour of a newer one, unless it has left this status meanwhile: answered, cancelled. */
export async function endSuperseded(db: Db, run: number, still: Status, by: number): Promise<void> {
  if ((await lockRunStill(db, run, still)) === null) return;
  const end = { status: 'superseded' as const, reason: `superseded by run #${by}` };
  await endRun(db, run, { ...end, supersededBy: by }, end);
}
