import type { Address } from '@towpath/contract/router';
import { Connection, type ConnectionLimits, type Keeper } from './connection.ts';

export interface PoolLimits extends ConnectionLimits {
  /** Idle connections are closed after this, in milliseconds. */
  readonly idleMs: number;
}

/** Where a replica says nothing of its keep-alive time: under the 5 s of Node, the shortest usual one. */
const assumedKeepAliveMs = 5_000;
/** We stop using a connection so long before the replica closes it, lest a request meets the close on its way. */
const marginMs = 1_000;
const sweepMs = 500;

/** How long an idle connection may be used again, given what the replica said of its keep-alive time. */
export function usableMs(idleMs: number, keepAliveMs: number | null): number {
  const theirs = keepAliveMs ?? assumedKeepAliveMs;
  return Math.min(idleMs, theirs > 2 * marginMs ? theirs - marginMs : theirs / 2);
}

/** The connections to one replica: the idle ones, last used first, and all others too, so that they can be cut. */
export class Pool implements Keeper {
  readonly #address: Address;
  readonly #limits: PoolLimits;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #keeping = true;
  #sweeper: NodeJS.Timeout | null = null;

  constructor(address: Address, limits: PoolLimits) {
    this.#address = address;
    this.#limits = limits;
  }

  /** An idle connection that was idle for `maxIdleMs` at most; null when there is none. */
  take(maxIdleMs: number): Connection | null {
    if (this.#idle.length === 0) return null;
    const now = performance.now();
    let connection = this.#idle.pop();
    while (connection !== undefined) {
      if (now < connection.usableUntil && connection.open) {
        if (now - connection.idleSince <= maxIdleMs) return connection;
        // The others are idle for longer still.
        this.#idle.push(connection);
        return null;
      }
      this.#retire(connection, now);
      connection = this.#idle.pop();
    }
    return null;
  }

  connect(): Connection {
    const connection = new Connection(this.#address, this.#limits, this);
    this.#all.add(connection);
    return connection;
  }

  onIdle(connection: Connection, keepAliveMs: number | null): void {
    if (!this.#keeping) {
      connection.close();
      return;
    }
    connection.idleSince = performance.now();
    connection.usableUntil = connection.idleSince + usableMs(this.#limits.idleMs, keepAliveMs);
    this.#idle.push(connection);
    this.#sweeper ??= setTimeout(() => this.#sweep(), sweepMs).unref();
  }

  onGone(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** For a replica that left the table: idle connections are closed now, the others once they are done. */
  closeIdle(): void {
    this.#keeping = false;
    for (const connection of [...this.#all]) if (connection.idle) connection.close();
  }

  /** It is back in the table before its last request was done. */
  reopen(): void {
    this.#keeping = true;
  }

  /** Ends every connection with whatever goes on there. */
  cut(message: string): void {
    this.#keeping = false;
    for (const connection of [...this.#all]) connection.cut(message);
  }

  /** Takes back the requests that may be sent elsewhere and have no byte of an answer yet. */
  takeBack(message: string): void {
    for (const connection of [...this.#all]) connection.takeBack(message);
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#idle.filter((idle) => now >= idle.usableUntil)) {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      this.#retire(connection, now);
    }
    this.#sweeper = this.#idle.length === 0 ? null : setTimeout(() => this.#sweep(), sweepMs).unref();
  }

  #retire(connection: Connection, now: number): void {
    const holdMs = connection.holdUntil - now;
    if (holdMs > 0) setTimeout(() => connection.close(), holdMs).unref();
    else connection.close();
  }
}
