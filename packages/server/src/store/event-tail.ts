import { setTimeout as sleep } from 'node:timers/promises';
import type { Changes } from './changes.ts';
import type { Db } from './connect.ts';
import { type EventFilter, type EventRow, eventsAfter, newestEvent } from './events.ts';

/** Up to 500 events in their order, and the position after them. */
export interface EventPage {
  readonly events: readonly EventRow[];
  readonly position: number;
}

/** Which events: of one project, or about one thing; all without either. */
export type EventChoice = Pick<EventFilter, 'projectId' | 'subject'>;

/** The end of the record of events, read once for everybody who follows it. */
export interface EventTail {
  /** The position after everything that has happened. */
  now(signal: AbortSignal): Promise<number>;
  /** Those events after the position. Waits until the record goes on; then there may be none of them. */
  read(after: number, filter: EventChoice, signal: AbortSignal): Promise<EventPage>;
}

/** So many of the newest events are kept: a reader that is further behind reads the table itself. */
const kept = 1_000;
const pageSize = 500;
/** How soon to look again when a writer took too long. In milliseconds. */
const againMs = 1_000;

/** Reads only while somebody follows. */
export function openEventTail(db: Db, changes: Changes): EventTail {
  return new Tail(db, changes);
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

class Tail implements EventTail {
  readonly #db: Db;
  readonly #changes: Changes;
  /** Every event after `#floor` up to `#position` is in `#recent`. Null: nobody has asked yet. */
  #position: number | null = null;
  #floor = 0;
  #recent: EventRow[] = [];
  /** One look at a time; whoever comes meanwhile gets its result. */
  #looking: Promise<void> | null = null;
  readonly #waiting = new Set<Waiter>();
  #pump: AbortController | null = null;

  constructor(db: Db, changes: Changes) {
    this.#db = db;
    this.#changes = changes;
  }

  async now(signal: AbortSignal): Promise<number> {
    for (;;) {
      signal.throwIfAborted();
      const newest = await newestEvent(this.#db);
      if (newest !== null) return newest;
      await sleep(againMs, undefined, { signal });
    }
  }

  async read(after: number, filter: EventChoice, signal: AbortSignal): Promise<EventPage> {
    for (;;) {
      signal.throwIfAborted();
      const seen = this.#position;
      const page = await this.#page(after, filter);
      if (page !== null) return page;
      if (this.#position === seen) await this.#moved(signal);
    }
  }

  /** Resolves when the record has gone on; nothing is between asking for the position and this that could be missed. */
  #moved(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        if (this.#waiting.size === 0) this.#stop();
        signal.removeEventListener('abort', abort);
      };
      const abort = () => waiter.reject(signal.reason);
      const waiter: Waiter = {
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
      if (this.#pump === null) void this.#run();
    });
  }

  /** One for all who wait: looks after each event that is told of, until nobody waits. */
  async #run(): Promise<void> {
    const pump = new AbortController();
    this.#pump = pump;
    const moved = async () => {
      const before = this.#position;
      await this.#look();
      return this.#position === before ? null : true;
    };
    try {
      await this.#changes.until('event', null, moved, { signal: pump.signal });
      if (this.#pump !== pump) return;
      for (const waiter of [...this.#waiting]) waiter.resolve();
    } catch (error) {
      // Who waits now belongs to the next one, when this one was stopped.
      if (this.#pump !== pump) return;
      for (const waiter of [...this.#waiting]) waiter.reject(error);
    }
  }

  #stop(): void {
    this.#pump?.abort();
    this.#pump = null;
  }

  async #page(after: number, filter: EventChoice): Promise<EventPage | null> {
    if (this.#position === null) await this.#look();
    const position = this.#position;
    if (position === null || position <= after) return null;
    if (after >= this.#floor) return { events: pick(this.#recent, after, filter), position };
    const events = await eventsAfter(this.#db, after, { ...filter, limit: pageSize });
    if (events.length < pageSize) return { events, position: Math.max(position, events.at(-1)?.id ?? 0) };
    return { events, position: events.at(-1)?.id ?? after };
  }

  #look(): Promise<void> {
    this.#looking ??= this.#goOn().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #goOn(): Promise<void> {
    if (this.#position === null) {
      this.#position = await newestEvent(this.#db);
      this.#floor = this.#position ?? 0;
      return;
    }
    const found = await eventsAfter(this.#db, this.#position, { limit: pageSize });
    this.#recent.push(...found);
    this.#position = found.at(-1)?.id ?? this.#position;
    const dropped = this.#recent.splice(0, Math.max(0, this.#recent.length - kept));
    this.#floor = dropped.at(-1)?.id ?? this.#floor;
  }
}

const pick = (events: readonly EventRow[], after: number, { projectId, subject }: EventChoice): EventRow[] =>
  events.filter(
    (each) =>
      each.id > after &&
      (projectId === undefined || each.projectId === projectId) &&
      (subject === undefined || each.subject === subject),
  );
