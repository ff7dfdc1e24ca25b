import { type RunSummary, TowpathError } from '@towpath/contract';
import { failpoint } from '../failpoints.ts';
import { answerAttempt } from '../store/attempts.ts';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { endRun, lockRun, nextSegment, stagesOf, updateStage } from '../store/runs.ts';
import { serviceById } from '../store/services.ts';
import { operation } from './operation.ts';
import { runSummary } from './show/run.ts';

export interface Answer {
  readonly run: number;
  /** When named, the answer holds for this environment's approval only. */
  readonly environment?: string | undefined;
  readonly approve: boolean;
  readonly comment?: string | undefined;
}

/**
 * Answers the approval that a run waits for. Yes begins the run's next segment, written in the same transaction as the answer: the
 * dispatcher starts what it finds. No ends the run.
 */
export const approve = operation('approve', async (house, actor, input: Answer): Promise<RunSummary> => {
  const after = await transaction(house.db, async (db) => {
    const run = await lockRun(db, input.run);
    const waits = (await stagesOf(db, run.id)).find((each) => each.status === 'waiting');
    if (waits === undefined)
      throw new TowpathError('not_waiting', `run #${run.id} does not wait for an approval: it is ${run.status}`);
    const { environment } = waits.plan;
    if (input.environment !== undefined && input.environment !== environment) {
      throw new TowpathError('not_waiting', `run #${run.id} waits for ${environment}, not for ${input.environment}`);
    }
    const said = input.comment === undefined ? '' : `: ${input.comment}`;
    const reason = `${input.approve ? 'approved' : 'declined'} by ${actor.name}${said}`;
    const status = input.approve ? ('succeeded' as const) : ('cancelled' as const);
    const at = { runId: run.id, index: waits.index, attempt: waits.attempt };
    await answerAttempt(db, at, status, reason);
    await updateStage(db, run.id, waits.index, {
      status,
      reason,
      answeredBy: actor.name,
      deadline: null,
      endedAt: new Date(),
    });
    await appendEvent(db, {
      name: input.approve ? 'run.approved' : 'run.declined',
      actor: actor.name,
      subject: `run/${run.id}`,
      data: { environment, comment: input.comment ?? null },
    });
    if (!input.approve) {
      const end = { status: 'cancelled' as const, reason: `approval ${environment}: ${reason}` };
      return endRun(db, run.id, end, { status: 'skipped', reason });
    }
    return nextSegment(db, run, waits.index + 1);
  });
  failpoint('approval.recorded');
  return runSummary(after, await serviceById(house.db, after.serviceId));
});
