import type { Status } from '@towpath/contract';

/** A run that has not ended. Ids grow: a newer run has a higher one. */
export interface OpenRun {
  readonly id: number;
  readonly service: number;
  readonly branch: string;
  readonly status: Status;
}

export interface RunsDecision {
  /** In this order. */
  readonly start: readonly number[];
  readonly supersede: readonly { readonly run: number; readonly by: number }[];
}

/**
 * Which queued runs begin, which are given up. `open` holds every run that has not ended, in any order.
 *
 * - A queued run gives way to the newest open run of its service and branch, whether that is queued, running or waiting.
 * - `limit` runs are in progress at once; those that wait for a person don't count.
 * - The next to start is of the service that has fewest in progress, of these the oldest: a service that queues a hundred runs
 *   takes no place from one that queues its first.
 */
export function admitRuns(open: readonly OpenRun[], limit: number): RunsDecision {
  const newest = new Map<string, number>();
  for (const run of open) newest.set(lineOf(run), Math.max(newest.get(lineOf(run)) ?? 0, run.id));
  const queued = open.filter((run) => run.status === 'queued').toSorted((a, b) => a.id - b.id);
  const supersede = queued.flatMap((run) => {
    const by = newest.get(lineOf(run)) ?? run.id;
    return by === run.id ? [] : [{ run: run.id, by }];
  });
  const left = queued.filter((run) => newest.get(lineOf(run)) === run.id);
  return { start: inTurn(left, open, limit), supersede };
}

function inTurn(queued: OpenRun[], open: readonly OpenRun[], limit: number): number[] {
  const running = open.filter((run) => run.status === 'running');
  const busy = new Map<number, number>();
  for (const { service } of running) busy.set(service, (busy.get(service) ?? 0) + 1);
  const waiting = [...queued];
  const start: number[] = [];
  while (running.length + start.length < limit) {
    const fewest = Math.min(...waiting.map((run) => busy.get(run.service) ?? 0));
    const index = waiting.findIndex((run) => (busy.get(run.service) ?? 0) === fewest);
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (next === undefined) break;
    busy.set(next.service, fewest + 1);
    start.push(next.id);
  }
  return start;
}

/** Runs of one line follow each other: what an older one built is of no more use than what a newer one builds. */
const lineOf = (run: OpenRun): string => `${run.service}/${run.branch}`;

/** A run of the same service and branch, as one that wants to enter an environment sees it. */
export interface RunAhead {
  readonly id: number;
  readonly ended: boolean;
  /** It has brought a release to that environment, or is bringing one, or waits there for its turn. */
  readonly deploys: boolean;
}

export type Entry = { readonly go: true } | { readonly go: false; readonly by: number };

/**
 * May a run that has done its work up to here enter an environment: deploy to it, or ask people for its approval? Not when a newer run
 * of the same service and branch is still open, or has brought its release there: then the newest such one takes over. A newer
 * run that ended before (failed, cancelled, superseded) stands in nobody's way. `others` may hold older runs: they don't count.
 */
export function mayDeploy(run: { readonly id: number }, others: readonly RunAhead[]): Entry {
  const ahead = others.filter((other) => other.id > run.id && (!other.ended || other.deploys));
  return ahead.length === 0 ? { go: true } : { go: false, by: Math.max(...ahead.map((other) => other.id)) };
}

/** An older run's approval that waits, and the environment that it asks for. */
export interface WaitingApproval {
  readonly run: number;
  readonly service: number;
  readonly branch: string;
  readonly environment: string;
}

/**
 * The waiting runs that give way when a run reaches the approval of an environment, or deploys to it: the older ones of its service and
 * branch that ask for the same environment. Whoever looks finds one question, the newest.
 */
export function answersOlder(arrived: WaitingApproval, waiting: readonly WaitingApproval[]): number[] {
  return waiting
    .filter(
      (other) =>
        other.run < arrived.run &&
        other.service === arrived.service &&
        other.branch === arrived.branch &&
        other.environment === arrived.environment,
    )
    .map((other) => other.run);
}
