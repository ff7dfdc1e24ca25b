import type { ReplicaHealth } from '@towpath/contract/router';
import { lastWords } from '../../domain/rollout/last-words.ts';
import { judgeReadiness, type Seen } from '../../domain/rollout/readiness.ts';
import type { RouteBackend } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
import type { ObservedReplica } from '../../platforms/platform.ts';
import { createMask } from '../../secrets/mask.ts';
import type { Act } from '../act.ts';
import { interruption } from '../interruption.ts';
import { failed, type Outcome, proceed } from '../outcome.ts';
import { checkOwner } from '../owner.ts';
import { releaseSecrets } from '../release-secrets.ts';

/** The longest time between two looks when neither router nor platform reports a change. */
const lookMs = 250;
const applyAgainMs = 1_000;
/** Enough to see why a program ended. */
const tailBytes = 4_000;

/**
 * Starts the new release's replicas beside the old ones and waits until the router finds them healthy and each answers from a process
 * of its own. Users' requests still go where they went.
 */
export async function start(act: Act, index: number): Promise<Outcome> {
  const { release, replaced } = act;
  const before = await act.routed(release.id);
  const replicas = Math.max(act.replicas, before?.replicas.length ?? 0);
  const releases = [await act.desired(release, replicas)];
  if (replaced !== null) {
    const routed = await act.routed(replaced.id);
    releases.push(await act.desired(replaced, routed?.replicas.length ?? act.replicas));
  }
  await act.note(index, 'start', { replicas });
  await act.applyBesideOpen(releases);
  failpoint('rollout.started');

  // Replicas that served before this deployment have a past that is not its fault.
  const past = new Map<string, number>();
  const inherited = new Set(before?.replicas.map((each) => each.id));
  const startedAt = performance.now();
  let appliedAt = startedAt;
  let routed = '';
  let revision: number | null = null;
  for (;;) {
    const interrupted = await interruption(act);
    if (interrupted !== null) return interrupted;
    // A replica that could not begin, for a port that somebody took meanwhile, gets another one by the next apply only.
    if (performance.now() - appliedAt > applyAgainMs) {
      await act.applyBesideOpen(releases);
      appliedAt = performance.now();
    }
    const observed = (await act.observe()).filter((each) => each.release === releases[0]?.release);
    for (const { id, restarts } of observed) if (!past.has(id)) past.set(id, inherited.has(id) ? restarts : 0);
    const backend = act.backend(release, observed, before?.weight ?? 0);
    if (backend.replicas.length > 0 && JSON.stringify(backend) !== routed) {
      await act.route(await withOthers(act, backend));
      routed = JSON.stringify(backend);
    }
    const health = await act.health(revision, lookMs);
    revision = health.revision;
    const path = release.config.health.path;
    const seen = observed.map((each) => together(each, past.get(each.id) ?? 0, health.replicas));
    const verdict = judgeReadiness(
      seen,
      act.replicas,
      performance.now() - startedAt,
      release.config.health.startMs,
      path,
    );
    if (verdict.verdict === 'failed') {
      const worst = observed.find((each) => each.phase !== 'running') ?? observed[0];
      const output = worst === undefined ? '' : await tail(act, worst);
      await act.note(index, 'not ready', { reason: verdict.reason, output });
      const said = worst === undefined || worst.phase === 'running' ? null : lastWords(output);
      return failed(said === null ? verdict.reason : `${verdict.reason}: ${said}`);
    }
    if (verdict.verdict === 'ready') break;
  }
  const observed = (await act.observe()).filter(
    (each) => each.release === releases[0]?.release && each.phase === 'running',
  );
  for (const replica of observed) {
    const stranger = await checkOwner(act, replica);
    if (stranger !== null) return failed(stranger);
  }
  await act.note(index, 'ready', { replicas: observed.length, ms: Math.round(performance.now() - startedAt) });
  failpoint('rollout.ready');
  return proceed;
}

/** The route with this backend in it and the others as they are. */
async function withOthers(act: Act, backend: RouteBackend): Promise<RouteBackend[]> {
  const old = act.replaced === null ? null : await act.routed(act.replaced.id);
  return old === null ? [backend] : [old, backend];
}

function together(replica: ObservedReplica, endsBefore: number, health: readonly ReplicaHealth[]): Seen {
  const known = health.find((each) => each.id === replica.id);
  const port = replica.address !== null && 'port' in replica.address ? replica.address.port : null;
  return {
    index: replica.index,
    phase: replica.phase,
    ends: replica.restarts - endsBefore,
    reason: replica.reason,
    port,
    listens: replica.listens,
    health: known?.health ?? 'unknown',
    probeError: known?.error ?? null,
  };
}

/** The end of what a replica printed, without the release's secrets. */
async function tail(act: Act, replica: ObservedReplica): Promise<string> {
  const mask = createMask(Object.values(releaseSecrets(act.house.secrets, act.release))).stream();
  let kept = Buffer.alloc(0);
  const keep = (piece: Uint8Array) => {
    kept = Buffer.concat([kept, piece]).subarray(-tailBytes);
  };
  for await (const chunk of act.house.platform.logs(replica.id, 0)) keep(mask.push(chunk));
  keep(mask.flush());
  return kept.toString('utf8');
}
