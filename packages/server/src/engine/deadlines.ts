import { Bell } from './bell.ts';
import type { Changes } from './dispatcher.ts';
import type { Log } from './log.ts';

/** A timer over 24.8 days overflows; one of an hour also finds out in time that the machine slept or its clock was set. */
const longestMs = 3_600_000;
/** After a failure, or when what was due is still there. */
const retryMs = 1_000;

/** Deadlines as the store keeps them. Idempotent: every server asks. */
export interface DeadlineSource<Topic extends string> {
  readonly name: string;
  /** Changes that may bring the next deadline forward. */
  readonly topics: readonly Topic[];
  /** The next deadline of all that wait; null: nothing waits. */
  next(): Promise<Date | null>;
  /** Ends every wait whose deadline is not after `now`. */
  due(now: Date): Promise<void>;
}

export interface DeadlinesOptions<Topic extends string> {
  readonly source: DeadlineSource<Topic>;
  readonly changes: Changes<Topic>;
  readonly log: Log;
  readonly isAway: (error: unknown) => boolean;
  readonly now?: () => Date;
}

/** Ends waits at their deadline, be it weeks away: the deadline is a row, the timer only says when to look. */
export class Deadlines<Topic extends string> {
  readonly #options: DeadlinesOptions<Topic>;
  readonly #now: () => Date;
  readonly #bell = new Bell(() => this.#look());
  #unlisten: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DeadlinesOptions<Topic>) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  start(): void {
    const { source, changes } = this.#options;
    this.#unlisten = source.topics.map((topic) => changes.on(topic, () => this.#bell.ring()));
    this.#bell.ring();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const unlisten of this.#unlisten) unlisten();
    await this.#bell.quiet();
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const pauseMs = await this.#endDue();
    if (!this.#stopped) this.#timer = setTimeout(() => this.#bell.ring(), pauseMs);
  }

  /** Resolves with the time until the next look, in ms. */
  async #endDue(): Promise<number> {
    const { source, log, isAway } = this.#options;
    try {
      await source.due(this.#now());
      const next = await source.next();
      if (next === null) return longestMs;
      const leftMs = next.getTime() - this.#now().getTime();
      return leftMs <= 0 ? retryMs : Math.min(leftMs, longestMs);
    } catch (error) {
      if (isAway(error)) log('warn', `${source.name}: the database is away`);
      else log('error', `${source.name}: looking for deadlines failed`, error);
      return retryMs;
    }
  }
}
