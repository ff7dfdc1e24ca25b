import type { Address, ReplicaHealth, TableReplica } from '@towpath/contract/router';
import { Pool, type PoolLimits } from './upstream/pool.ts';

/** What a replica tells those who keep it. */
export interface ReplicaWatch {
  /** Something of its RouterState entry changed that somebody may wait for. */
  changed(): void;
  /** A request could not connect: look at once. */
  refused(replica: Replica): void;
  /** It has left the table and served its last request. */
  drained(replica: Replica): void;
}

/** One replica as the router knows it: its health, its connections, the requests it serves. */
export class Replica {
  readonly id: string;
  readonly release: string;
  readonly address: Address;
  readonly pool: Pool;
  health: ReplicaHealth['health'] = 'unknown';
  error: string | null = null;
  since = new Date().toISOString();
  /** A real request could not connect since the last health check. */
  suspect = false;
  inFlight = 0;
  /** It has left the table. */
  draining = false;
  /** It gets no ordinary traffic, so that somebody may wait for its last request: every change of inFlight is told. */
  quiet = false;
  readonly #watch: ReplicaWatch;

  constructor(release: string, entry: TableReplica, limits: PoolLimits, watch: ReplicaWatch) {
    this.id = entry.id;
    this.release = release;
    this.address = entry.address;
    this.pool = new Pool(entry.address, limits);
    this.#watch = watch;
  }

  /** A request goes to it. Every began() is followed by one ended(). */
  began(): void {
    this.inFlight++;
    if (this.quiet) this.#watch.changed();
  }

  ended(): void {
    this.inFlight--;
    if (this.quiet) this.#watch.changed();
    if (this.draining && this.inFlight === 0) this.#watch.drained(this);
  }

  /** A real request could not connect. */
  refused(message: string): void {
    if (this.error !== message) {
      this.error = message;
      this.#watch.changed();
    }
    if (this.suspect) return;
    this.suspect = true;
    this.#watch.refused(this);
  }

  setHealth(health: ReplicaHealth['health'], error: string | null): void {
    if (this.health === health && this.error === error) return;
    if (this.health !== health) this.since = new Date().toISOString();
    this.health = health;
    this.error = error;
    this.#watch.changed();
  }

  get state(): ReplicaHealth {
    const { id, release, health, error, since, inFlight, draining } = this;
    return { id, release, health, error, since, inFlight, draining };
  }
}
