import { workersOf } from '../../domain/release/config.ts';
import { failpoint } from '../../failpoints.ts';
import { openDeployments } from '../../store/deployments.ts';
import { setLive } from '../../store/targets.ts';
import type { Act } from '../act.ts';
import { type Outcome, proceed } from '../outcome.ts';
import { swapWorkers } from '../workers.ts';

/** Over the drain time itself: the router's own round. */
const marginMs = 2_000;

/**
 * The workers come; then the release is promoted: nothing interrupts it any more. The old release leaves the routes, finishes the requests
 * it has, then stops. Done again after a crash, it changes nothing that is done.
 */
export async function finish(act: Act, index: number): Promise<Outcome> {
  if (act.replaced === null || !act.promoted) {
    const swapped = await swapWorkers(act, index);
    if (!swapped.go) return swapped;
  }
  await act.write((tx) => setLive(tx, act.target.row.id, act.release.id));
  failpoint('rollout.promoted');
  const observed = (await act.httpReplicas(act.release)).filter((each) => each.index < act.replicas);
  await act.route([act.backend(act.release, observed, 100)]);
  await stopOldWorkers(act);
  const { requests, left } = await drained(act);
  failpoint('rollout.drained');
  if (!left) await act.apply([await act.desired(act.release, act.whole(act.release))]);
  failpoint('rollout.stopped');
  await act.note(index, 'finish', { replaced: act.replaced?.version ?? null, leftOpen: requests });
  return proceed;
}

/** Beside the new ones they have done their part; their http replicas may finish what they have. */
async function stopOldWorkers(act: Act): Promise<void> {
  const { replaced, release } = act;
  if (replaced === null || workersOf(replaced.config).length === 0) return;
  await act.applyBesideOpen([await act.desired(release, act.whole(release))]);
  failpoint('rollout.workers.swapped');
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
