import type { Log } from './log.ts';

export interface RetentionOptions {
  readonly engine: { forget(endedBefore: Date): Promise<number> };
  readonly log: Log;
  readonly isAway: (error: unknown) => boolean;
  /** How long an ended workflow is remembered, in ms. The record that people read is not part of it. */
  readonly keepMs?: number;
  /** Between two rounds, in ms. */
  readonly intervalMs?: number;
  readonly now?: () => number;
}

const week = 7 * 24 * 3_600_000;
const hour = 3_600_000;

/** Forgets old workflows, each hour. Any number of servers may do so at a time. */
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
      this.#round = this.#forget();
    }, this.#options.intervalMs ?? hour);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #forget(): Promise<void> {
    const { engine, log, isAway, keepMs = week, now = Date.now } = this.#options;
    try {
      const count = await engine.forget(new Date(now() - keepMs));
      if (count > 0) log('info', `forgot the progress of ${count} workflows that ended long ago`);
    } catch (error) {
      if (!isAway(error)) log('error', 'old workflows could not be forgotten', error);
    }
  }
}
