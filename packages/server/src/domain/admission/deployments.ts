import type { DeploymentCause, Status } from '@towpath/contract';

/** A deployment that has not ended. Ids grow: a newer one has a higher one. */
export interface OpenDeployment {
  readonly id: number;
  readonly target: number;
  readonly cause: DeploymentCause;
  /** Higher goes first. */
  readonly priority: number;
  readonly status: Status;
  /** Its end has been asked for: a running one ends itself at its next look. */
  readonly interrupted: boolean;
}

export interface DeploymentsDecision {
  readonly start: readonly number[];
  /** Queued ones that never begin. */
  readonly supersede: readonly { readonly id: number; readonly by: number }[];
  /** Queued ones that nobody wants any more. */
  readonly cancel: readonly number[];
  /** Running ones that have to go back to what served before. */
  readonly abort: readonly { readonly id: number; readonly by: number }[];
}

/**
 * Which deployments begin, which never do, and which are called back. `open` holds every deployment that has not ended, in any order.
 * Each target for itself:
 *
 * - One runs at a time.
 * - A queued one gives way to a newer queued one of the same or a higher priority that brings all that it would bring (`covers`).
 * - What then is left goes by priority, the same priority in the order of asking: what remains builds on what is before it.
 * - One of a higher priority (a person's rollback or promotion) calls an older running one back, and begins when that has ended.
 *   One of the same priority waits for it.
 * - A deployment that was cancelled while queued ends at once, whatever runs, and stops nobody.
 */
export function admitDeployments(open: readonly OpenDeployment[]): DeploymentsDecision {
  const targets = Map.groupBy(open, (deployment) => deployment.target);
  const decisions = [...targets.values()].map(admitToTarget);
  return {
    start: decisions.flatMap((decision) => decision.start),
    supersede: decisions.flatMap((decision) => decision.supersede),
    cancel: decisions.flatMap((decision) => decision.cancel),
    abort: decisions.flatMap((decision) => decision.abort),
  };
}

function admitToTarget(open: readonly OpenDeployment[]): DeploymentsDecision {
  const running = open.filter((deployment) => deployment.status !== 'queued');
  const waiting = open.filter((deployment) => deployment.status === 'queued');
  const cancel = waiting.filter((deployment) => deployment.interrupted).map(({ id }) => id);
  const queued = waiting.filter((deployment) => !deployment.interrupted);
  const newestFirst = queued.toSorted((a, b) => b.id - a.id);
  const supersede = queued.flatMap((older) => {
    const by = newestFirst.find((newer) => covers(newer, older));
    return by === undefined ? [] : [{ id: older.id, by: by.id }];
  });
  const gone = new Set(supersede.map(({ id }) => id));
  const [next] = queued
    .filter((deployment) => !gone.has(deployment.id))
    .toSorted((a, b) => b.priority - a.priority || a.id - b.id);
  if (next === undefined) return { start: [], supersede, cancel, abort: [] };
  const abort = running
    .filter((older) => !older.interrupted && older.priority < next.priority && older.id < next.id)
    .map(({ id }) => ({ id, by: next.id }));
  return { start: running.length === 0 ? [next.id] : [], supersede, cancel, abort };
}

/**
 * Does the newer deployment make the older one needless?
 *
 * - One that brings an artifact (a run's, a promotion, a rollback) brings today's config and number of replicas along, so it replaces
 *   everything older. A rollback brings the config of its time: that is what it is asked for, and the change is kept for the next.
 * - A change of config is made to whatever artifact is live in its turn. It replaces older changes of config and of the number
 *   of replicas, but no artifact: that would never be deployed.
 * - A change of the number of replicas replaces older ones of its kind only.
 * - A teardown replaces everything older, and nothing newer replaces it: what is asked for after it is deployed anew.
 */
function covers(newer: OpenDeployment, older: OpenDeployment): boolean {
  if (newer.id <= older.id || newer.priority < older.priority) return false;
  return weight[newer.cause] >= weight[older.cause];
}

const weight: Record<DeploymentCause, number> = { scale: 0, config: 1, run: 2, promote: 2, rollback: 2, teardown: 3 };

/**
 * The release that will be live when all that is under way has gone well, null when none will be: a change of config or of the number of
 * replicas is made to that one, so that it brings nothing back that is being torn down.
 *
 * @param open the target's deployments that have not ended, oldest first
 * @param live the release that is live now
 */
export function comingRelease(
  open: readonly { readonly cause: DeploymentCause; readonly releaseId: number }[],
  live: number | null,
): number | null {
  const newest = open.at(-1);
  if (newest === undefined) return live;
  return newest.cause === 'teardown' ? null : newest.releaseId;
}
