import { Bell } from './bell.ts';
import type { Log } from './log.ts';

/** Where changes of the record are heard of. A change may be missed: the sweep finds what it would have told. */
export interface Changes<Topic extends string> {
  /** Returns what ends the listening. */
  on(topic: Topic, listener: () => void): () => void;
}

/** One kind of work that is looked for and started: idempotent, since it is asked again and again, in every server. */
export interface Lane<Topic extends string> {
  readonly name: string;
  /** Changes that may mean work. */
  readonly topics: readonly Topic[];
  dispatch(): Promise<void>;
}

export interface DispatcherOptions<Topic extends string> {
  readonly lanes: readonly Lane<Topic>[];
  readonly changes: Changes<Topic>;
  readonly log: Log;
  readonly isAway: (error: unknown) => boolean;
  /** Between two sweeps through all lanes, in ms. */
  readonly intervalMs?: number;
}

/** Runs each lane's dispatch when one of its topics changes, and in a sweep for what no change told of. */
export class Dispatcher<Topic extends string> {
  readonly #options: DispatcherOptions<Topic>;
  readonly #bells: readonly Bell[];
  #unlisten: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DispatcherOptions<Topic>) {
    this.#options = options;
    this.#bells = options.lanes.map((lane) => new Bell(() => this.#dispatch(lane)));
  }

  start(): void {
    this.#options.lanes.forEach((lane, index) => {
      for (const topic of lane.topics) {
        this.#unlisten.push(this.#options.changes.on(topic, () => this.#bells[index]?.ring()));
      }
    });
    this.wake();
    this.#timer = setInterval(() => this.wake(), this.#options.intervalMs ?? 1_000);
  }

  /** A sweep now. */
  wake(): void {
    for (const bell of this.#bells) bell.ring();
  }

  /** Resolves when the dispatches in progress are done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const unlisten of this.#unlisten) unlisten();
    this.#unlisten = [];
    await Promise.all(this.#bells.map((bell) => bell.quiet()));
  }

  async #dispatch(lane: Lane<Topic>): Promise<void> {
    try {
      await lane.dispatch();
    } catch (error) {
      if (this.#options.isAway(error)) this.#options.log('warn', `${lane.name}: the database is away`);
      else this.#options.log('error', `${lane.name}: the dispatch failed`, error);
    }
  }
}
