import { setTimeout as sleep } from 'node:timers/promises';
import { workersOf } from '../domain/release/config.ts';
import { lastWords } from '../domain/rollout/last-words.ts';
import { releaseKey } from '../domain/rollout/route.ts';
import { judgeWorkers, type SeenWorker, workerSteadyMs } from '../domain/rollout/workers.ts';
import { failpoint } from '../failpoints.ts';
import type { ObservedReplica } from '../platforms/platform.ts';
import type { ReleaseRow } from '../store/releases.ts';
import { type Act, isUp } from './act.ts';
import type { Counts } from './desired.ts';
import { interruption } from './interruption.ts';
import { failed, type Outcome, proceed } from './outcome.ts';
import { tail } from './tail.ts';

/** The longest time between two looks. */
const lookMs = 100;
/** Over the time after which a replica is ended by force: the platform's own round. */
const marginMs = 10_000;

/**
 * Brings the workers of the new release up: beside the old ones, or (`exclusive`) after those have stopped. Until all have run for a
 * while without an end nothing is promoted; a failure leaves to the abort what has to come back.
 */
export async function swapWorkers(act: Act, index: number): Promise<Outcome> {
  const { release, replaced } = act;
  const wanted = act.whole(release);
  // Of the same release with fewer replicas, those too many are in the routes still.
  const routed = (await act.routed(release.id))?.replicas.length ?? 0;
  const whole = { ...wanted, http: Math.max(wanted.http, routed) };
  const old = replaced === null || act.interrupts ? null : await oldCounts(act, replaced);
  const exclusive = replaced === null ? new Set<string>() : exclusiveWorkers(release, replaced);
  const http = { http: whole.http, workers: {} };
  const kept = old === null ? null : { ...old, workers: without(old.workers, exclusive) };
  if (Object.keys(whole.workers).length === 0) return proceed;
  await act.note(index, 'workers', { ...whole.workers });
  if (kept !== null && replaced !== null && exclusive.size > 0) {
    const first = { ...http, workers: without(whole.workers, exclusive) };
    await act.applyBesideOpen([await act.desired(release, first), await act.desired(replaced, kept)]);
    const old = releaseKey(replaced.id);
    const left = await leftOver(act, (each) => each.release === old && exclusive.has(each.process));
    if (left !== null) return failed(left);
    failpoint('rollout.workers.stopped');
  }
  const releases = [await act.desired(release, whole)];
  if (kept !== null && replaced !== null) releases.push(await act.desired(replaced, kept));
  await act.applyBesideOpen(releases);
  failpoint('rollout.workers.started');
  return steady(act, index, whole.workers);
}

/** What is left of the old release in the routes, with all its workers. */
async function oldCounts(act: Act, replaced: ReleaseRow): Promise<Counts> {
  const routed = await act.routed(replaced.id);
  return { http: routed?.replicas.length ?? 0, workers: act.whole(replaced).workers };
}

/** Workers of which two releases must not run at once, as either of them says. */
export function exclusiveWorkers(...releases: readonly ReleaseRow[]): Set<string> {
  const all = releases.flatMap((release) => workersOf(release.config));
  return new Set(all.flatMap(([name, worker]) => (worker.swap === 'exclusive' ? [name] : [])));
}

export function without(workers: Counts['workers'], names: ReadonlySet<string>): Counts['workers'] {
  return Object.fromEntries(Object.entries(workers).filter(([name]) => !names.has(name)));
}

/**
 * Waits until none of these replicas is left: the platform ends them by force when their time is over. Null, or which one is left all
 * the same, in plain words.
 */
export async function leftOver(act: Act, which: (replica: ObservedReplica) => boolean): Promise<string | null> {
  const waitMs = drainOf(act) + marginMs;
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const [left] = (await act.observe()).filter((each) => which(each) && each.phase !== 'stopped');
    if (left === undefined) return null;
    if (performance.now() > giveUpAt) {
      return `replica ${left.index + 1} of ${left.process} has not stopped within ${Math.round(waitMs / 1000)} s`;
    }
    await sleep(lookMs);
  }
}

const drainOf = ({ release, old }: Act): number => Math.max(release.config.drainMs, old?.config.drainMs ?? 0);

async function steady(act: Act, index: number, wanted: Counts['workers']): Promise<Outcome> {
  // Replicas of the live release have a past: that they come and go is not this deployment's doing.
  const lived = act.replaced === null && act.old !== null;
  const needMs = lived ? 0 : (act.house.steadyMs ?? workerSteadyMs);
  const watch = new Watch(lived);
  const startedAt = performance.now();
  for (;;) {
    const interrupted = await interruption(act);
    if (interrupted !== null) return interrupted;
    const observed = (await act.observe()).filter(
      (each) => each.release === releaseKey(act.release.id) && each.type === 'worker' && isUp(each),
    );
    const seen = observed.map((each) => watch.see(each, performance.now()));
    const elapsedMs = performance.now() - startedAt;
    const verdict = judgeWorkers(seen, wanted, needMs, elapsedMs, act.release.config.health.startMs + needMs);
    if (verdict.verdict === 'failed') return notSteady(act, index, verdict.reason, observed);
    if (verdict.verdict === 'ready') {
      await act.note(index, 'workers run', { ms: Math.round(elapsedMs) });
      failpoint('rollout.workers.steady');
      return proceed;
    }
    await sleep(lookMs);
  }
}

interface Known {
  /** How often it had ended when it was first looked at. */
  readonly first: number;
  readonly restarts: number;
  /** Since when it runs. */
  readonly since: number | null;
}

/** What it takes more than one look to know of replicas. */
class Watch {
  readonly #known = new Map<string, Known>();
  readonly #lived: boolean;

  /** @param lived the ends of before the first look don't count */
  constructor(lived: boolean) {
    this.#lived = lived;
  }

  see({ id, process, index, phase, restarts, reason, lastEnd }: ObservedReplica, now: number): SeenWorker {
    const known = this.#known.get(id);
    const before = known?.restarts === restarts ? known.since : null;
    const since = phase === 'running' ? (before ?? now) : null;
    const first = known?.first ?? (this.#lived ? restarts : 0);
    this.#known.set(id, { first, restarts, since });
    const steadyMs = since === null ? 0 : now - since;
    return { process, index, phase, ends: restarts - first, steadyMs, reason: reason ?? lastEnd };
  }
}

async function notSteady(
  act: Act,
  index: number,
  reason: string,
  observed: readonly ObservedReplica[],
): Promise<Outcome> {
  const worst = observed.find((each) => each.phase !== 'running') ?? observed.find((each) => each.restarts > 0);
  const output = worst === undefined ? '' : await tail(act, worst);
  await act.note(index, 'workers do not run', { reason, output });
  const said = worst === undefined ? null : lastWords(output);
  return failed(said === null ? reason : `${reason}: ${said}`);
}
