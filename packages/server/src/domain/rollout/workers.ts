import type { Readiness } from './readiness.ts';

/** One replica of a worker of the new release, as the platform has told of it over time. */
export interface SeenWorker {
  readonly process: string;
  readonly index: number;
  readonly phase: 'starting' | 'running' | 'backoff' | 'stopping' | 'stopped';
  /** How often it ended by itself during this deployment. */
  readonly ends: number;
  /** For how long it has been seen running without an end, in ms. */
  readonly steadyMs: number;
  /** The platform's words for why it is not running, or how it ended last. */
  readonly reason: string | null;
}

/**
 * A worker answers nobody, so that all there is to see is whether it stays. A program that cannot work (a variable, a module, a database
 * is missing) says so within moments of its start; in the same time programs that listen have bound their ports.
 */
export const workerSteadyMs = 5_000;

/** As of http: a replica that ended so often without getting steady is not going to. */
const endsBeforeVerdict = 3;

/**
 * Do the workers of the new release run? Pure: the same observation gives the same answer.
 *
 * @param wanted how many replicas of each worker, by name
 * @param steadyMs how long each must have run without an end
 * @param elapsedMs since they were asked for
 * @param deadlineMs after which waiting ends
 */
export function judgeWorkers(
  seen: readonly SeenWorker[],
  wanted: Readonly<Record<string, number>>,
  steadyMs: number,
  elapsedMs: number,
  deadlineMs: number,
): Readiness {
  const ended = seen.find((replica) => replica.ends >= endsBeforeVerdict);
  if (ended !== undefined) {
    return { verdict: 'failed', reason: `${ended.process}: ${ended.reason ?? `ended ${ended.ends} times`}` };
  }
  const isSteady = (replica: SeenWorker) => replica.phase === 'running' && replica.steadyMs >= steadyMs;
  const late = Object.entries(wanted).find(
    ([name, count]) => seen.filter((replica) => replica.process === name && isSteady(replica)).length < count,
  );
  if (late === undefined) return { verdict: 'ready' };
  const [name] = late;
  const replica = seen.find((each) => each.process === name && !isSteady(each));
  const reason = `${name}: ${replica === undefined ? 'has not begun' : (replica.reason ?? `replica ${replica.index + 1} is ${replica.phase}`)}`;
  if (elapsedMs < deadlineMs) return { verdict: 'wait', reason };
  return { verdict: 'failed', reason: `not running steadily within ${Math.round(deadlineMs / 1000)} s: ${reason}` };
}
