import type { DeadlineSource } from '../engine/deadlines.ts';
import type { Topic } from '../store/changes.ts';
import { type Db, transaction } from '../store/connect.ts';
import { dueApprovals, endRun, lockRunStill, nextApprovalDeadline } from '../store/runs.ts';

/** Approvals that nobody gave in time: the run ends, and says so. */
export function approvalDeadlines(db: Db): DeadlineSource<Topic> {
  return {
    name: 'approvals',
    topics: ['run-queue'],
    next: () => nextApprovalDeadline(db),
    async due(now) {
      for (const id of await dueApprovals(db, now)) await transaction(db, (tx) => expire(tx, id, now));
    },
  };
}

async function expire(tx: Db, id: number, now: Date): Promise<void> {
  const run = await lockRunStill(tx, id, 'waiting');
  // Answered, or ended, since it was looked for.
  if (run === null || run.deadline === null || run.deadline > now) return;
  const reason = `nobody approved it by ${run.deadline.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  await endRun(tx, id, { status: 'cancelled', reason }, { status: 'skipped', reason });
}
