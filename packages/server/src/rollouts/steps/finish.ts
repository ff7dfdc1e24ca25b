import { releaseKey } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
import { openDeployments } from '../../store/deployments.ts';
import { setLive } from '../../store/targets.ts';
import type { Act } from '../act.ts';
import { type Outcome, proceed } from '../outcome.ts';

/** Over the drain time itself: the router's own round. */
const marginMs = 2_000;

/**
 * The release is promoted: nothing interrupts it any more. The old release leaves the routes, finishes the requests it has, then stops.
 * Done again after a crash, it changes nothing that is done.
 */
export async function finish(act: Act, index: number): Promise<Outcome> {
  await act.write((tx) => setLive(tx, act.target.row.id, act.release.id));
  failpoint('rollout.promoted');
  const key = releaseKey(act.release.id);
  const observed = (await act.observe()).filter((each) => each.release === key && each.index < act.replicas);
  await act.route([act.backend(act.release, observed, 100)]);
  const { requests, left } = await drained(act);
  failpoint('rollout.drained');
  if (!left) await act.apply([await act.desired(act.release, act.replicas)]);
  failpoint('rollout.stopped');
  await act.note(index, 'finish', { replaced: act.replaced?.version ?? null, leftOpen: requests });
  return proceed;
}

/**
 * Waits until no replica outside the routes has a request, at the longest the drain time. Answers how many were still open. When a person
 * asks for another deployment meanwhile, nobody waits any longer (`left`), unless `yields` is false: that one keeps those replicas until
 * they are done.
 */
export async function drained(act: Act, { yields = true } = {}): Promise<{ requests: number; left: boolean }> {
  const giveUpAt = performance.now() + act.release.config.drainMs + marginMs;
  let after: number | null = null;
  for (;;) {
    const { revision, requests } = await act.open(after);
    after = revision;
    if (requests === 0 || performance.now() > giveUpAt) return { requests, left: false };
    if (yields && (await personWaits(act))) return { requests, left: true };
  }
}

/** Such a deployment is never cancelled while it is queued: there is one that cleans up. */
async function personWaits({ house, deployment }: Act): Promise<boolean> {
  const open = await openDeployments(house.db, deployment.targetId);
  return open.some((each) => each.id > deployment.id && each.status === 'queued' && each.cause !== 'run');
}
