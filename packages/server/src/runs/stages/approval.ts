import { targetOf } from '../../store/targets.ts';
import { type Attempt, outcome, type StageOutcome, superseded } from '../act.ts';
import { barred } from '../barred.ts';
import { supersededBy, supersedeWaiting } from '../supersede.ts';
import { removeWorkspaces } from '../workspace.ts';

/** Ends the segment: the run waits as a row with a deadline, and an answer begins the next segment. */
export async function approval(attempt: Attempt): Promise<StageOutcome> {
  const { act, stage } = attempt;
  const target = await targetOf(act.house.db, act.service, stage.environment ?? '');
  const by = await supersededBy(act.house.db, act.run, target.row.id);
  if (by !== null) return superseded(by);
  const stopped = barred(target);
  // Nobody is asked for what would not happen.
  if (stopped !== null) return stopped;
  await act.write((tx) => supersedeWaiting(tx, act.run, stage.environment ?? ''));
  // All that is left to do is done with the artifact, and the wait may be long or never answered.
  await removeWorkspaces(act);
  const deadline = new Date(Date.now() + (stage.deadlineMs ?? 0)).toISOString();
  return outcome('waiting', `waits for approval of ${stage.environment}: towpath approve ${act.run.id}`, { deadline });
}
