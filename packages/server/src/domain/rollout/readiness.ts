/** One replica of the new release, as platform and router see it together. */
export interface Seen {
  readonly index: number;
  readonly phase: 'starting' | 'running' | 'backoff' | 'stopping' | 'stopped';
  /** How often it ended by itself during this deployment. */
  readonly ends: number;
  /** The platform's words for why it is not running, or how it ended last. */
  readonly reason: string | null;
  readonly port: number | null;
  readonly listens: readonly number[];
  readonly health: 'unknown' | 'healthy' | 'unhealthy';
  /** The router's words for the last failed probe. */
  readonly probeError: string | null;
}

export type Readiness =
  | { readonly verdict: 'ready' }
  | { readonly verdict: 'wait'; readonly reason: string }
  | { readonly verdict: 'failed'; readonly reason: string };

/** A replica that ended so often without getting ready is not going to: the third end is the verdict. */
const endsBeforeVerdict = 3;
/** Listening elsewhere for so long means that the port is fixed: programs bind all of theirs within moments of each other. */
const settledMs = 5_000;

/**
 * Is the new release ready to take requests? Pure: the same observation gives the same answer.
 *
 * @param wanted how many replicas must be healthy
 * @param elapsedMs since the replicas were asked for
 * @param deadlineMs after which waiting ends
 * @param healthPath only for the words
 */
export function judgeReadiness(
  seen: readonly Seen[],
  wanted: number,
  elapsedMs: number,
  deadlineMs: number,
  healthPath: string,
): Readiness {
  const healthy = seen.filter((replica) => replica.health === 'healthy' && replica.phase === 'running');
  if (healthy.length >= wanted) return { verdict: 'ready' };
  for (const replica of seen) {
    if (replica.ends >= endsBeforeVerdict)
      return { verdict: 'failed', reason: replica.reason ?? `ended ${replica.ends} times` };
    const elsewhere = fixedPort(replica);
    if (elsewhere !== null && elapsedMs >= Math.min(settledMs, deadlineMs))
      return { verdict: 'failed', reason: elsewhere };
  }
  const reason = waitingFor(seen, wanted, healthPath);
  if (elapsedMs >= deadlineMs) {
    return { verdict: 'failed', reason: `not healthy within ${Math.round(deadlineMs / 1000)} s: ${reason}` };
  }
  return { verdict: 'wait', reason };
}

function fixedPort(replica: Seen): string | null {
  if (replica.port === null || replica.health === 'healthy') return null;
  if (replica.listens.length === 0 || replica.listens.includes(replica.port)) return null;
  return `listens on ${replica.listens.join(' and ')}, not on $PORT (${replica.port}): let it listen on the port that PORT names`;
}

function waitingFor(seen: readonly Seen[], wanted: number, healthPath: string): string {
  const late = seen.find((replica) => replica.health !== 'healthy' || replica.phase !== 'running');
  if (late === undefined) return `${seen.length} of ${wanted} replicas are there`;
  if (late.phase !== 'running') return late.reason ?? `replica ${late.index + 1} is ${late.phase}`;
  if (late.probeError !== null) return `GET ${healthPath} on replica ${late.index + 1}: ${late.probeError}`;
  return `GET ${healthPath} on replica ${late.index + 1} has not answered yet`;
}
