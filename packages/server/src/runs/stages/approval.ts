import { stageName } from '../../domain/path/plan.ts';
import { supersedeWaiting } from '../supersede.ts';
import { updateStage } from '../../store/runs.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';

/** Ends the segment: the run waits as a row with a deadline, and an answer begins the next segment. */
export async function approval(attempt: Attempt): Promise<StageOutcome> {
  const { act, index, stage } = attempt;
  const deadline = new Date(Date.now() + (stage.deadlineMs ?? 0));
  await act.write(async (tx) => {
    await updateStage(tx, act.run.id, index, { deadline });
    await supersedeWaiting(tx, act.run, stageName(stage, '/'));
  });
  return outcome('waiting', `waits for approval of ${stage.environment}: towpath approve ${act.run.id}`);
}
