import type { Status } from '@towpath/contract';
import { answersOlder, mayDeploy } from '../domain/admission/runs.ts';
import type { Db } from '../store/connect.ts';
import { deploymentsOfRuns } from '../store/deployments.ts';
import { endRun, newerRuns, openRuns, type RunRow, stagesOf } from '../store/runs.ts';

/** What the rest of a superseded run's stages say. */
const rest = (by: number) => ({ status: 'superseded' as const, reason: `superseded by run #${by}` });

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
  for (const other of await openRuns(db)) {
    if (other.status !== 'waiting') continue;
    const asks = (await stagesOf(db, other.id)).find((each) => each.status === 'waiting')?.plan.environment ?? '';
    waiting.push({ run: other.id, service: other.serviceId, branch: other.branch, environment: asks });
  }
  const arrived = { run: run.id, service: run.serviceId, branch: run.branch, environment };
  for (const older of answersOlder(arrived, waiting)) await endSuperseded(db, { id: older }, run.id);
}

/** Ends this run in favour of a newer one. */
export async function endSuperseded(db: Db, run: Pick<RunRow, 'id'>, by: number): Promise<void> {
  await endRun(db, run.id, { status: 'superseded', reason: `superseded by run #${by}`, supersededBy: by }, rest(by));
}
