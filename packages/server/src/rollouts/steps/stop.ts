import { releaseKey } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
import type { ObservedReplica } from '../../platforms/platform.ts';
import type { Act } from '../act.ts';
import { interruption } from '../interruption.ts';
import { failed, type Outcome, proceed } from '../outcome.ts';
import { leftOver } from '../workers.ts';
import { drained } from './finish.ts';

/**
 * The old release ends before anything of the new one runs: out of the routes, its requests finished, all its processes stopped. Until
 * the shift nobody serves.
 */
export async function stop(act: Act, index: number): Promise<Outcome> {
  const { replaced } = act;
  if (replaced === null) return proceed;
  const interrupted = await interruption(act);
  if (interrupted !== null) return interrupted;
  await act.note(index, 'stop', { release: replaced.version });
  const key = releaseKey(replaced.id);
  const left = await stopAll(act, (each) => each.release === key);
  failpoint('rollout.old.stopped');
  return left === null ? proceed : failed(left);
}

/** Ends all that runs, requests first; null, or what is left of these replicas all the same. */
export async function stopAll(act: Act, which: (replica: ObservedReplica) => boolean): Promise<string | null> {
  const { old } = act;
  // Named with no replica, so that the address stays a known one while nobody serves.
  await act.route(old === null ? [] : [act.backend(old, [], 0)]);
  await drained(act, { yields: false });
  await act.apply([]);
  return leftOver(act, which);
}
