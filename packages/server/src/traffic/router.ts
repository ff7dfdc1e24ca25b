import type { Probe, ProbeAnswer, ReplicaHealth, RouteTable, RouterStats } from '@towpath/contract/router';

/**
 * Who gets which release. A written contract; conformance.ts holds every driver to it.
 *
 * - `apply` resolves when the table is kept and served: from then on no new request goes by an older one, also after a restart of the
 *   router. An older generation throws TowpathError `stale_generation`; the same one again changes nothing.
 * - Every router keeps serving its last table while the server is away.
 * - When no router answers, calls throw `router_away`; the caller tries again.
 */
export interface TrafficRouter {
  apply(table: RouteTable, generation: number): Promise<void>;
  /** One entry per router with a live lease. A shift is done when all of them serve its generation. */
  acks(): Promise<RouterAck[]>;
  /** Health of every replica that some router knows; with `after`, answers once something changed or waitMs is over. */
  health(options?: { after?: number; waitMs?: number; signal?: AbortSignal }): Promise<RouterHealth>;
  /** Cumulative counts per release and router instance. */
  observe(): Promise<RouterStats[]>;
  /** Asks a replica, or the routes as a user would. */
  probe(probe: Probe): Promise<ProbeAnswer>;
}

export interface RouterAck {
  readonly instance: string;
  readonly generation: number;
}

export interface RouterHealth {
  /** Pass it back as `after`. */
  readonly revision: number;
  readonly replicas: readonly ReplicaHealth[];
}
