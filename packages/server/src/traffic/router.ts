import type { InstanceStats, Probe, ProbeAnswer, ReplicaHealth, RouteTable } from '@towpath/contract/router';

/**
 * Who gets which release. A written contract; conformance.ts holds every driver to it.
 *
 * - `apply` resolves when the table is kept and served: from then on no new request goes by an older one, also after a restart of the
 *   router. An older generation throws TowpathError `stale_generation`, and so does the same one with another table; the same table
 *   again changes nothing. A table that can't be served (weights, a host or a replica twice) throws `bad_request`.
 * - Every router keeps serving its last table while the server is away.
 * - When no router answers, calls throw `router_away`; the caller tries again. A wait that its signal ends throws an AbortError.
 */
export interface TrafficRouter {
  apply(table: RouteTable, generation: number): Promise<void>;
  /** One entry per router with a live lease. A shift is done when all of them serve its generation. */
  acks(): Promise<RouterAck[]>;
  /**
   * Health of every replica that some router knows; one that was never healthy stays `unknown`, with the last error. With `after`: answers once the revision is another one (at once after a restart of
   * the router), or when waitMs is over.
   */
  health(options?: { after?: number; waitMs?: number; signal?: AbortSignal }): Promise<RouterHealth>;
  /**
   * Cumulative counts and latencies of users' requests per release, for every start of a router ("instance") that can still be read: those
   * that run, and those that ended (in the last 7 days at most), as far as they had saved them. Each began at 0, so that a restart is seen as
   * a reset. Probes are not counted, releases without a request are left out. With `since`, the `sequences` of an earlier answer, what has
   * not changed since then may be left out too; counts that are told are whole ones in any case, never differences.
   */
  observe(since?: Sequences): Promise<Observation>;
  /** Asks a replica, or the routes as a user would; with `release` also one without weight. Rejects only when no router answers. */
  probe(probe: Probe): Promise<ProbeAnswer>;
}

export interface RouterAck {
  readonly instance: string;
  /** -1 before the first table. */
  readonly generation: number;
}

export interface RouterHealth {
  /** Pass it back as `after`. */
  readonly revision: number;
  readonly replicas: readonly ReplicaHealth[];
}

/** By instance: how far its counts were seen. */
export type Sequences = Readonly<Record<string, number>>;

export interface Observation {
  /** Counts are as exact in time as this; smaller windows mean nothing. In ms. */
  readonly resolutionMs: number;
  /** How long after its end a request may still be missing. In ms. */
  readonly delayMs: number;
  /** Pass it back as `since`. */
  readonly sequences: Sequences;
  readonly instances: readonly ObservedInstance[];
}

export interface ObservedInstance extends InstanceStats {
  /** It counts on. False: it ended, and these counts stay as they are. */
  readonly running: boolean;
}
