import { releaseKey } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
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
  const cut = await drained(act);
  failpoint('rollout.drained');
  await act.apply([await act.desired(act.release, act.replicas)]);
  failpoint('rollout.stopped');
  await act.note(index, 'finish', { replaced: act.replaced?.version ?? null, leftOpen: cut });
  return proceed;
}

/** Waits until no replica outside the route has a request, at the longest the drain time. Answers how many were still open. */
export async function drained(act: Act): Promise<number> {
  const drainMs = act.release.config.drainMs;
  const giveUpAt = performance.now() + drainMs + marginMs;
  const mine = new Set((await act.observe()).map((each) => each.id));
  let after: number | null = null;
  for (;;) {
    const health = await act.health(after, 250);
    after = health.revision;
    const open = health.replicas
      .filter((each) => each.draining && mine.has(each.id))
      .reduce((sum, each) => sum + each.inFlight, 0);
    if (open === 0 || performance.now() > giveUpAt) return open;
  }
}
