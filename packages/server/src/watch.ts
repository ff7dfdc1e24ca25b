import { TowpathError } from '@towpath/contract';
import type { Log } from './engine/log.ts';

const intervalMs = 500;
/** So many looks in a row without an answer: its own keeper has not brought it back. */
const missesBeforeRevival = 6;

export interface WatchOptions {
  readonly supervisor: { health(): Promise<unknown> };
  /** Starts the supervisor, or finds it running. */
  readonly revive: () => Promise<unknown>;
  /** Sends the route table to a router that lags behind. */
  readonly refreshRoutes: () => Promise<void>;
  readonly log: Log;
}

/** The server's side of the mutual watch: brings the supervisor back when its keeper has died too, and the routes to a router that lags. */
export class Watch {
  readonly #options: WatchOptions;
  #misses = 0;
  #routerAway = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#look();
  }

  /** In plain words, for the health page. */
  problems(): string[] {
    const problems: string[] = [];
    if (this.#misses > 0) problems.push('the supervisor does not answer');
    if (this.#routerAway) problems.push('the router does not answer');
    return problems;
  }

  async #look(): Promise<void> {
    await Promise.all([this.#supervisor(), this.#router()]);
    setTimeout(() => void this.#look(), intervalMs);
  }

  async #supervisor(): Promise<void> {
    const { supervisor, revive, log } = this.#options;
    try {
      await supervisor.health();
      this.#misses = 0;
    } catch {
      this.#misses++;
      if (this.#misses % missesBeforeRevival !== 0) return;
      log('warn', 'the supervisor does not answer: starting it');
      await revive().catch((error: unknown) => log('error', 'the supervisor could not be started', error));
    }
  }

  async #router(): Promise<void> {
    try {
      await this.#options.refreshRoutes();
      this.#routerAway = false;
    } catch (error) {
      this.#routerAway = error instanceof TowpathError && error.code === 'router_away';
    }
  }
}
