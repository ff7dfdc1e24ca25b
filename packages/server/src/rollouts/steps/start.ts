import type { ReplicaHealth } from '@towpath/contract/router';
import { lastWords } from '../../domain/rollout/last-words.ts';
import { judgeReadiness, type Seen } from '../../domain/rollout/readiness.ts';
import type { RouteBackend } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
import type { ObservedReplica } from '../../platforms/platform.ts';
import type { Act } from '../act.ts';
import { interruption } from '../interruption.ts';
import { failed, type Outcome, proceed } from '../outcome.ts';
import { checkOwner } from '../owner.ts';
import { tail } from '../tail.ts';

/** The longest time between two looks when neither router nor platform reports a change. */
const lookMs = 250;
const applyAgainMs = 1_000;

/**
 * Starts the new release's replicas beside the old ones and waits until the router finds them healthy and each answers from a process
 * of its own. Users' requests still go where they went.
 */
export async function start(act: Act, index: number): Promise<Outcome> {
  const { release, replaced } = act;
  const before = await act.routed(release.id);
  const replicas = Math.max(act.replicas, before?.replicas.length ?? 0);
  // A new release's workers begin when users have it; the same one's come to their number at once.
  const workers = replaced === null && act.old !== null ? act.whole(release).workers : {};
  const releases = [await act.desired(release, { http: replicas, workers })];
  if (replaced !== null && !act.interrupts) {
    const routed = await act.routed(replaced.id);
    const { http, workers } = act.whole(replaced);
    releases.push(await act.desired(replaced, { http: routed?.replicas.length ?? http, workers }));
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
    const observed = await act.httpReplicas(release);
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
  const observed = (await act.httpReplicas(release)).filter((each) => each.phase === 'running');
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
    reason: replica.reason ?? replica.lastEnd,
    port,
    listens: replica.listens,
    health: known?.health ?? 'unknown',
    probeError: known?.error ?? null,
  };
}
