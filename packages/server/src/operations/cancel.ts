import { ended, type RunSummary, TowpathError } from '@towpath/contract';
import { failpoint } from '../failpoints.ts';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { endRun, lockRun, updateRun } from '../store/runs.ts';
import { serviceById } from '../store/services.ts';
import { operation } from './operation.ts';
import { runSummary } from './show/run.ts';

/**
 * Ends a run: at once when nothing of it is being done; else its workflow sees the wish, ends what it started, and says so.
 */
export const cancel = operation('cancel', async (house, actor, input: { run: number }): Promise<RunSummary> => {
  const after = await transaction(house.db, async (db) => {
    const run = await lockRun(db, input.run);
    if (ended.has(run.status)) throw new TowpathError('already_ended', `run #${run.id} has ended: ${run.status}`);
    const reason = `cancelled by ${actor.name}`;
    await appendEvent(db, { name: 'run.cancelled', actor: actor.name, subject: `run/${run.id}`, data: {} });
    if (run.status === 'running') return updateRun(db, run.id, { cancelledBy: run.cancelledBy ?? actor.name, reason });
    return endRun(db, run.id, { status: 'cancelled', reason }, { status: 'skipped', reason });
  });
  failpoint('cancel.recorded');
  return runSummary(after, await serviceById(house.db, after.serviceId));
});
