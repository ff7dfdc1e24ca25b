import { failpoint } from '../../failpoints.ts';
import { setLive } from '../../store/targets.ts';
import type { Act } from '../act.ts';
import { type Outcome, proceed } from '../outcome.ts';

/**
 * Stops and forgets what is out of the routes; only then is nothing live any more, so that whoever looks after a failure finds what is left
 * to tear down.
 */
export async function remove(act: Act, index: number): Promise<Outcome> {
  await act.removeAll();
  failpoint('rollout.stopped');
  await act.write((tx) => setLive(tx, act.target.row.id, null));
  await act.note(index, 'removed');
  return proceed;
}
