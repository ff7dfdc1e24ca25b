import { failpoint } from '../../failpoints.ts';
import type { Act } from '../act.ts';
import { type Outcome, proceed } from '../outcome.ts';
import { drained } from './finish.ts';

/** Out of the routes of all routers, and until the requests that are open have ended. Nobody is waited for less than that. */
export async function withdraw(act: Act, index: number): Promise<Outcome> {
  await act.note(index, 'withdraw');
  await act.route([]);
  const { requests } = await drained(act, { yields: false });
  failpoint('rollout.drained');
  await act.note(index, 'withdrawn', { leftOpen: requests });
  return proceed;
}
