import type { Abandoned } from './dbos-engine.ts';
import type { Log } from './log.ts';

/** What the reaper needs of the engine. */
export interface Takeover {
  abandoned(): Promise<Abandoned>;
  release(executorId: string): Promise<number>;
  adopt(): Promise<number>;
}

export interface ReaperOptions {
  readonly engine: Takeover;
  readonly log: Log;
  /** Asked before taking over: resolves while this server's own lease is held. */
  readonly confirmLease: () => Promise<void>;
  readonly isAway: (error: unknown) => boolean;
  /** Finishes what servers left half done outside of workflows: called at the start, when one has died or frozen, and now and then. */
  readonly reconcile: () => Promise<void>;
  /** Between two sweeps, in ms. */
  readonly intervalMs?: number;
  /** Between the first and the second look at an executor without a lease, in ms: what a dying server has to end in. */
  readonly graceMs?: number;
}

/** Somebody may have frozen or died in a moment that no look shows: what it left is found no later than this. */
const reconcileMs = 10 * 60_000;

/**
 * Goes on with the work of servers that died or froze, those that ran before in this server's place included. An executor without a
 * lease at two looks in a row is dead. Every server has a reaper; they may find the same executor at the same time.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  readonly #intervalMs: number;
  readonly #graceMs: number;
  #suspects: ReadonlySet<string> = new Set();
  #leases: readonly number[] = [];
  /** When everything was in order, and nobody is known to have died since (monotonic, in ms). */
  #reconciledAt = Number.NEGATIVE_INFINITY;
  #reconciling: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ReaperOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 1_000;
    this.#graceMs = options.graceMs ?? 400;
  }

  /** Sweeps at once, then again and again. */
  start(): void {
    this.#sweeping = this.#sweep();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
    await this.#reconciling;
  }

  async #sweep(): Promise<void> {
    try {
      await this.#takeOver();
    } catch (error) {
      if (!this.#options.isAway(error)) this.#options.log('error', 'a sweep for abandoned work failed', error);
    }
    if (this.#stopped) return;
    const pauseMs = this.#suspects.size > 0 ? this.#graceMs : this.#intervalMs;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep();
    }, pauseMs);
  }

  async #takeOver(): Promise<void> {
    const { engine, log, confirmLease } = this.#options;
    const seen = await engine.abandoned();
    const dead = seen.executors.filter((executor) => this.#suspects.has(executor));
    this.#suspects = new Set(seen.executors.filter((executor) => !dead.includes(executor)));
    this.#mindPeers(seen.leases);
    if (dead.length === 0 && !seen.waiting) return;
    await confirmLease();
    for (const executor of dead) {
      const released = await engine.release(executor);
      if (released > 0) log('warn', `took over ${released} workflows of ${executor}, which died or froze`);
    }
    await engine.adopt();
  }

  /** Aside: repositories that are slow to read must not keep workflows from going on. */
  #mindPeers(leases: readonly number[]): void {
    if (this.#leases.some((lease) => !leases.includes(lease))) this.#reconciledAt = Number.NEGATIVE_INFINITY;
    this.#leases = leases;
    const now = performance.now();
    if (now - this.#reconciledAt < reconcileMs) return;
    this.#reconciledAt = now;
    this.#reconciling = this.#reconciling.then(() => this.#reconcile());
  }

  async #reconcile(): Promise<void> {
    const { reconcile, isAway, log } = this.#options;
    try {
      await reconcile();
    } catch (error) {
      if (isAway(error)) this.#reconciledAt = Number.NEGATIVE_INFINITY;
      else log('error', 'what other servers left could not be looked for', error);
    }
  }
}
