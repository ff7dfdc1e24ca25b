import type { Address, ReplicaHealth, TableReplica } from '@towpath/contract/router';

/** A replica as the fake router sees it: its health as it was last looked at, and the requests that it is serving. */
export class VirtualReplica {
  readonly id: string;
  readonly release: string;
  readonly address: Address;
  readonly #open = new Set<(status: number | null) => void>();
  #health: ReplicaHealth['health'] = 'unknown';
  #error: string | null = null;
  #since = new Date();
  #draining = false;
  #drainMs: number;
  #drain: NodeJS.Timeout | null = null;

  constructor(release: string, { id, address }: TableReplica, drainMs: number) {
    this.id = id;
    this.release = release;
    this.address = address;
    this.#drainMs = drainMs;
  }

  /** The same process at the same place: anything else under a known id is another replica. */
  get key(): string {
    return JSON.stringify([this.id, this.release, this.address]);
  }

  /** It is out of the table and has nothing left to do. */
  get left(): boolean {
    return this.#draining && this.#open.size === 0;
  }

  get state(): ReplicaHealth {
    return {
      id: this.id,
      release: this.release,
      health: this.#health,
      error: this.#error,
      since: this.#since.toISOString(),
      inFlight: this.#open.size,
      draining: this.#draining,
    };
  }

  /** Probes it; true when its health is another one than before. */
  look(status: (address: Address, path: string) => number | null): boolean {
    if (this.#draining) return false;
    const answer = status(this.address, '/');
    const error = answer === null ? 'connection refused' : answer < 500 ? null : `answered with status ${answer}`;
    // What never was healthy may still be starting.
    const health = error === null ? 'healthy' : this.#health === 'unknown' ? 'unknown' : 'unhealthy';
    if (health === this.#health && error === this.#error) return false;
    if (health !== this.#health) this.#since = new Date();
    this.#health = health;
    this.#error = error;
    return true;
  }

  begin(): { answered: Promise<number | null>; finish: () => void } {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#open.add(resolve);
    return { answered: promise, finish: () => this.#end(resolve, 200) };
  }

  /** It is in the table. */
  stay(drainMs: number): void {
    this.#drainMs = drainMs;
    this.#draining = false;
    if (this.#drain !== null) clearTimeout(this.#drain);
    this.#drain = null;
  }

  /** It has left the table and may finish what it has. */
  leave(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#drain = setTimeout(() => this.cut(), this.#drainMs).unref();
  }

  cut(): void {
    for (const resolve of this.#open) this.#end(resolve, null);
  }

  #end(resolve: (status: number | null) => void, status: number | null): void {
    if (this.#open.delete(resolve)) resolve(status);
  }
}
