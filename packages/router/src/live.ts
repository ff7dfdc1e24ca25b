import type { HealthCheck } from '@towpath/contract/router';
import type { Replica } from './replica.ts';
import type { Tally } from './tally.ts';

/** A release behind a route, as it is served. */
export interface LiveBackend {
  readonly release: string;
  readonly weight: number;
  readonly replicas: readonly Replica[];
  readonly health: HealthCheck;
  readonly tally: Tally;
  /** Grows with every choice of a replica. */
  turn: number;
}

/** A route of the table, as it is served. */
export interface LiveRoute {
  readonly name: string;
  readonly backends: readonly LiveBackend[];
  readonly drainMs: number;
}
