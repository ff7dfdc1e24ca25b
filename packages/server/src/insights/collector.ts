import { TowpathError } from '@towpath/contract';
import { minuteMs } from '../domain/traffic/collect.ts';
import type { Db } from '../store/connect.ts';
import { noteLooks, recordLooks, rollUpTraffic } from '../store/traffic.ts';
import type { Observation, Sequences, TrafficRouter } from '../traffic/router.ts';

/** Between two looks at the routers, in ms: what people see is as old as that. */
export const lookMs = 2_000;
/** So often the database is told of looks that found nothing, and the series is tidied. */
const noteMs = minuteMs;

export interface CollectorOptions {
  readonly db: Db;
  readonly router: Pick<TrafficRouter, 'observe'>;
  /** May this server collect? Of several one may at a time; should two think so, each request is still counted once. */
  readonly leads: () => Promise<boolean>;
  readonly log: (level: 'warn' | 'error', message: string, error?: unknown) => void;
  readonly isAway: (error: unknown) => boolean;
  readonly now?: () => number;
}

/**
 * Takes what the routers count over into the series. Routers tell what changed since the last look, and only that is written: without
 * requests there is one small write a minute, however many services there are.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  #since: Sequences = {};
  /** When each instance was looked at last by this server, in ms since 1970. */
  #lookedAt = new Map<string, number>();
  /** performance.now() of the last note; null: none by this server. */
  #notedAt: number | null = null;
  #failing = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    if (this.#stopped) return;
    this.#looking = this.look().finally(() => {
      this.#timer = setTimeout(() => this.start(), lookMs);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
    clearTimeout(this.#timer);
  }

  /** One look. Never rejects: what could not be taken over now is there at the next look. */
  async look(): Promise<void> {
    const { router, leads, log, isAway } = this.#options;
    try {
      if (!(await leads())) return;
      await this.#takeOver(await router.observe(this.#since));
      this.#failing = false;
    } catch (error) {
      const away = isAway(error) || (error instanceof TowpathError && error.code === 'router_away');
      if (!this.#failing && !away) log('error', 'the traffic could not be collected', error);
      this.#failing = true;
    }
  }

  async #takeOver({ sequences, instances }: Observation): Promise<void> {
    const { db } = this.#options;
    const now = this.#now();
    const telling = instances.filter(({ releases }) => Object.keys(releases).length > 0);
    if (telling.length > 0) await recordLooks(db, telling, now, this.#lookedAt);
    if (this.#notedAt === null || performance.now() - this.#notedAt > noteMs) {
      const all = [...new Set([...instances.map(({ instance }) => instance), ...this.#lookedAt.keys()])];
      await noteLooks(db, all, now);
      await rollUpTraffic(db, now);
      this.#notedAt = performance.now();
    }
    this.#since = sequences;
    this.#lookedAt = new Map(instances.map(({ instance }) => [instance, now]));
  }
}
