import { setTimeout as sleep } from 'node:timers/promises';
import { releaseKey } from '../domain/rollout/route.ts';
import { failpoint } from '../failpoints.ts';
import { deploymentById, endDeployment } from '../store/deployments.ts';
import type { ReleaseRow } from '../store/releases.ts';
import { setLive } from '../store/targets.ts';
import type { Act } from './act.ts';
import type { Outcome } from './outcome.ts';
import { drained } from './steps/finish.ts';
import { stopAll } from './steps/stop.ts';
import { exclusiveWorkers, leftOver, without } from './workers.ts';

const lookMs = 250;

/**
 * Back to 100 % of the last promoted release: first its capacity, then the routes, then the new replicas go. Without one the target is
 * not served any more.
 */
export async function abort(act: Act, index: number, why: Extract<Outcome, { go: false }>): Promise<void> {
  await act.note(index, 'abort', { reason: why.reason });
  const { old, replaced } = act;
  if (old === null) await endAll(act);
  else if (act.interrupts) await backAfterAll(act, old);
  else await backBeside(act, old);
  failpoint('rollout.aborted');
  const { maxWeight } = await deploymentById(act.house.db, act.deployment.id);
  const carried = maxWeight > 0 && replaced !== null;
  const status = why.status === 'failed' && carried ? 'rolled_back' : why.status;
  await act.write(async (tx) => {
    if (old !== null) await setLive(tx, act.target.row.id, old.id);
    await endDeployment(tx, act.deployment.id, { status, reason: why.reason });
  });
  failpoint('rollout.ended');
}

async function endAll(act: Act): Promise<void> {
  await act.route([]);
  const { left } = await drained(act);
  if (!left) await act.apply([]);
}

async function backBeside(act: Act, old: ReleaseRow): Promise<void> {
  const { replaced, release } = act;
  const before = await act.routed(old.id);
  const { http, workers } = act.whole(old);
  const replicas = replaced === null ? http : Math.max(before?.replicas.length ?? 0, http);
  const kept = await act.desired(old, { http: replicas, workers });
  if (replaced === null) await act.applyBesideOpen([kept]);
  else {
    // Of one that never began there is nothing to finish, and nothing to start either.
    const begins = (await act.httpReplicas(release)).length > 0;
    const leaving = begins ? [await act.desired(release, { http: act.replicas, workers: {} })] : [];
    const begun = await exclusiveThatBegan(act, old);
    if (begun.size > 0) {
      const first = await act.desired(old, { http: replicas, workers: without(workers, begun) });
      await act.applyBesideOpen([first, ...leaving]);
      await leftOver(act, (each) => each.release === releaseKey(release.id) && begun.has(each.process));
    }
    await act.applyBesideOpen([kept, ...leaving]);
  }
  await act.route([act.backend(old, await act.httpReplicas(old), 100)]);
  const { left } = await drained(act);
  if (!left) await act.apply([kept]);
}

/** Exclusive workers of the new release that are there, so that the old ones are not. */
async function exclusiveThatBegan(act: Act, old: ReleaseRow): Promise<Set<string>> {
  const exclusive = exclusiveWorkers(act.release, old);
  const key = releaseKey(act.release.id);
  const there = (await act.observe()).filter((each) => each.release === key && each.phase !== 'stopped');
  return new Set(there.map((each) => each.process).filter((name) => exclusive.has(name)));
}

/** The other way round where two releases must not run at once: first all of the new one goes, then the old one comes. */
async function backAfterAll(act: Act, old: ReleaseRow): Promise<void> {
  const key = releaseKey(act.release.id);
  const kept = await act.desired(old, act.whole(old));
  const served = (await act.routed(old.id))?.weight === 100;
  if (!served) {
    await stopAll(act, (each) => each.release === key);
    await act.apply([kept]);
    await answering(act, old);
  }
  await act.route([act.backend(old, await act.httpReplicas(old), 100)]);
  await act.apply([kept]);
}

/** Waits until the release that served before answers again, as long as it is given for a start: then it gets its weight in any case. */
async function answering(act: Act, old: ReleaseRow): Promise<void> {
  const giveUpAt = performance.now() + old.config.health.startMs;
  const wanted = act.whole(old).http;
  let revision: number | null = null;
  let routed = '';
  while (performance.now() < giveUpAt) {
    const backend = act.backend(old, await act.httpReplicas(old), 0);
    if (JSON.stringify(backend) !== routed) {
      await act.route([backend]);
      routed = JSON.stringify(backend);
    }
    const health = await act.health(revision, lookMs);
    revision = health.revision;
    const mine = new Set(backend.replicas.map((each) => each.id));
    if (health.replicas.filter((each) => mine.has(each.id) && each.health === 'healthy').length >= wanted) return;
    await sleep(0);
  }
}
