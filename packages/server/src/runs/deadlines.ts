import type { DeadlineSource } from '../engine/deadlines.ts';
import type { Topic } from '../store/changes.ts';
import { type Db, transaction } from '../store/connect.ts';
import {
  dueApprovals,
  endAttempt,
  endRun,
  lockRun,
  nextApprovalDeadline,
  stagesOf,
  updateStage,
} from '../store/runs.ts';

/** Approvals that nobody gave in time: the run ends, and says so. */
export function approvalDeadlines(db: Db): DeadlineSource<Topic> {
  return {
    name: 'approvals',
    topics: ['run'],
    next: () => nextApprovalDeadline(db),
    async due(now) {
      for (const id of await dueApprovals(db, now)) await transaction(db, (tx) => expire(tx, id, now));
    },
  };
}

async function expire(tx: Db, id: number, now: Date): Promise<void> {
  const run = await lockRun(tx, id);
  // Answered, or ended, since it was looked for.
  if (run.status !== 'waiting' || run.deadline === null || run.deadline > now) return;
  const waits = (await stagesOf(tx, id)).find((each) => each.status === 'waiting');
  const reason = `nobody approved it by ${run.deadline.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (waits !== undefined) {
    const at = { runId: id, index: waits.index, attempt: waits.attempt };
    await endAttempt(tx, at, { status: 'cancelled', reason, exitCode: null });
    await updateStage(tx, id, waits.index, { status: 'cancelled', reason, deadline: null, endedAt: now });
  }
  await endRun(tx, id, { status: 'cancelled', reason }, { status: 'skipped', reason });
}
