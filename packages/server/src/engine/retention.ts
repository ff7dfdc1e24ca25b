import type { Log } from './log.ts';

/** Something that is not kept for ever. */
export interface Kept {
  /** As in `old workflows could not be forgotten`. */
  readonly what: string;
  /** Removes what is older than it is kept; answers with what to say of it, or null. Any number of servers may do so at a time. */
  readonly forget: (now: Date) => Promise<string | null>;
}

export interface RetentionOptions {
  readonly kept: readonly Kept[];
  readonly log: Log;
  readonly isAway: (error: unknown) => boolean;
  /** Between two rounds, in ms. */
  readonly intervalMs?: number;
  readonly now?: () => number;
}

const week = 7 * 24 * 3_600_000;
const hour = 3_600_000;

/** The progress of workflows that ended over a week ago. The record that people read is not part of it. */
export function oldWorkflows(engine: { forget(endedBefore: Date): Promise<number> }): Kept {
  return {
    what: 'old workflows',
    forget: async (now) => {
      const count = await engine.forget(new Date(now.getTime() - week));
      return count > 0 ? `forgot the progress of ${count} workflows that ended long ago` : null;
    },
  };
}

/** Forgets what is old, each hour. */
export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** The first round comes after one interval: a server that starts has more urgent things to do. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#round = this.#forgetAll();
    }, this.#options.intervalMs ?? hour);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #forgetAll(): Promise<void> {
    for (const each of this.#options.kept) await this.#forget(each);
  }

  async #forget({ what, forget }: Kept): Promise<void> {
    const { log, isAway, now = Date.now } = this.#options;
    try {
      const told = await forget(new Date(now()));
      if (told !== null) log('info', told);
    } catch (error) {
      if (!isAway(error)) log('error', `${what} could not be forgotten`, error);
    }
  }
}
