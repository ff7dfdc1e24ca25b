/**
 * Which release and which replica answers a request. Pure: chance, time and memory come in as arguments, so that stickiness,
 * cohorts and test traffic can later decide `point` (or the backend) without a change here.
 */

export interface Weighted {
  readonly weight: number;
}

export interface Choosable {
  readonly health: 'unknown' | 'healthy' | 'unhealthy';
  /** A real request could not connect since the last probe. */
  readonly suspect: boolean;
  readonly inFlight: number;
}

/** The backend that owns `point` (0 ≤ point < 1) of the route's users; null when no backend has weight. */
export function pickBackend<B extends Weighted>(backends: readonly B[], point: number): B | null {
  let total = 0;
  for (const backend of backends) total += backend.weight;
  let rest = point * total;
  let last: B | null = null;
  for (const backend of backends) {
    if (backend.weight <= 0) continue;
    if (rest < backend.weight) return backend;
    rest -= backend.weight;
    last = backend;
  }
  return last;
}

/** Lower is better. An unhealthy replica is still chosen when there is no other: trying beats refusing. */
function rank(replica: Choosable): number {
  if (replica.suspect || replica.health === 'unhealthy') return 2;
  return replica.health === 'healthy' ? 0 : 1;
}

/**
 * The replica in the best health with the fewest requests in flight; among equals the first from `start` on (round robin when the
 * caller counts `start` up). Replicas in `tried` are left out. Null when none is left.
 */
export function pickReplica<R extends Choosable>(replicas: readonly R[], start: number, tried: readonly R[]): R | null {
  let best: R | null = null;
  let bestRank = 0;
  const count = replicas.length;
  for (let step = 0; step < count; step++) {
    const replica = replicas[(start + step) % count];
    if (replica === undefined || (tried.length > 0 && tried.includes(replica))) continue;
    const itsRank = rank(replica);
    if (best === null || itsRank < bestRank || (itsRank === bestRank && replica.inFlight < best.inFlight)) {
      best = replica;
      bestRank = itsRank;
    }
  }
  return best;
}
