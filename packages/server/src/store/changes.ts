/**
 * Wakes whoever waits for a change of the record: NOTIFY in the transaction that makes it, one listening connection per server.
 * A notification carries no state. It says "look again", so that one too many does no harm; a lost one is made up for by looking
 * again after each reconnect, and now and then anyway.
 */

import { isAway } from './away.ts';
import type { Db } from './connect.ts';
import { sql } from './drizzle.ts';
import { listen } from './listen.ts';

/**
 * What may change; the id is the thing's own, for `route` the generation of the table, for `event` and `traffic` nothing, for `log` its key:
 * something was added to it. `run-queue`, `deployment-queue`, `job-queue`: one has another status, so that something may be startable, or a
 * wait begins or ends; `cancel`: somebody wants the run to end; told apart from `run`, which changes with every stage.
 */
export type Topic =
  | 'log'
  | 'run'
  | 'cancel'
  | 'deployment'
  | 'job'
  | 'target'
  | 'service'
  | 'route'
  | 'run-queue'
  | 'deployment-queue'
  | 'job-queue'
  | 'event'
  | 'traffic';

const channel = 'towpath';

/** What changed: its topic and id. */
export type Change = readonly [topic: Topic, id: number | string];

/** Tells all servers, once the transaction commits. The same message twice in one transaction is sent once. */
export async function notify(db: Db, ...changes: readonly Change[]): Promise<void> {
  await db.execute(
    sql`select ${sql.join(
      changes.map((change) => changed(...change)),
      sql`, `,
    )}`,
  );
}

/** The same as a part of a statement that makes the change. */
export const changed = (topic: Topic, id: number | string) => sql`pg_notify(${channel}, ${`${topic}:${id}`})`;

/** `id` is null when anything of the topic may have changed: the connection was away for a while. */
export type ChangeListener = (id: string | null) => void;

export interface UntilOptions {
  readonly signal?: AbortSignal;
  /** Looks again after this time even if nobody notified, in milliseconds. */
  readonly pollMs?: number;
}

export interface Changes {
  /** Calls `listener` after every change of the topic, or of the one thing in it; gives back how to stop that. It must not throw. */
  on(topic: Topic, listener: ChangeListener, id?: number | string): () => void;
  /**
   * Runs `look` now and after every change of the topic (of the one id, when it isn't null), never twice at a time; gives its first
   * result that isn't null. While the database is away it waits on. Throws what `look` throws, and the signal's reason.
   */
  until<T>(topic: Topic, id: number | string | null, look: () => Promise<T | null>, options?: UntilOptions): Promise<T>;
  /** Resolves when notifications come in, which waiters need not wait for. */
  readonly listening: Promise<void>;
  close(): Promise<void>;
}

export interface ChangesOptions {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Notifications don't come in any more, for this reason; they will again by themselves. */
  readonly onAway?: (error: Error) => void;
}

/** Begins to listen, now and whenever the database is back. */
export function openChanges(url: string, options: ChangesOptions): Changes {
  const listeners = new Map<string, Set<ChangeListener>>();
  const call = (key: string, id: string | null) => {
    for (const listener of listeners.get(key) ?? []) listener(id);
  };
  const { promise: listening, resolve: nowListening } = Promise.withResolvers<void>();
  const connection = listen(url, {
    ...options,
    channel,
    onMessage(payload) {
      const colon = payload.indexOf(':');
      const id = payload.slice(colon + 1);
      call(payload.slice(0, colon), id);
      call(payload, id);
    },
    onListening() {
      nowListening();
      for (const key of listeners.keys()) call(key, null);
    },
  });

  function subscribe(key: string, listener: ChangeListener): () => void {
    const set = listeners.get(key) ?? new Set();
    listeners.set(key, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
    };
  }

  async function until<T>(
    topic: Topic,
    id: number | string | null,
    look: () => Promise<T | null>,
    { signal, pollMs = 5_000 }: UntilOptions = {},
  ): Promise<T> {
    const bell = new Bell();
    // Before the first look, so that a change just after it is not missed.
    const unsubscribe = subscribe(id === null ? topic : `${topic}:${id}`, () => bell.ring());
    const abort = () => bell.ring();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        signal?.throwIfAborted();
        const found = await lookUnlessAway(look);
        if (found !== null && found !== away) return found;
        await bell.heard(found === away ? Math.min(pollMs, awayMs) : pollMs);
      }
    } finally {
      unsubscribe();
      signal?.removeEventListener('abort', abort);
    }
  }

  const on: Changes['on'] = (topic, listener, id) => subscribe(id === undefined ? topic : `${topic}:${id}`, listener);

  return { on, until, listening, close: () => connection.close() };
}

const away = Symbol('away');
/** How soon to look again when the database was away. */
const awayMs = 1_000;

async function lookUnlessAway<T>(look: () => Promise<T | null>): Promise<T | null | typeof away> {
  try {
    return await look();
  } catch (error) {
    if (isAway(error)) return away;
    throw error;
  }
}

/** Remembers a ring that comes while nobody listens. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at a ring, the one since the last call included, or after the time: then with false. */
  async heard(ms: number): Promise<boolean> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
