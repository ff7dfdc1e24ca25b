import { useSyncExternalStore } from 'react';
import { age, ago, clock, duration, exact, until } from '../words/time.ts';

/** One clock for all that shows the time: a thousand rows tick at once, with one timer. */
class Clock {
  readonly #everyMs: number;
  readonly #listeners = new Set<() => void>();
  #now = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }
  readonly get = (): number => this.#now;
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) {
      this.#tick();
      this.#timer = setInterval(this.#tick, this.#everyMs);
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearInterval(this.#timer);
    };
  };
  readonly #tick = (): void => {
    this.#now = Date.now();
    for (const listener of this.#listeners) listener();
  };
}

const seconds = new Clock(1_000);
const slow = new Clock(5_000);

/** Now, in ms since 1970, again every second. */
export const useNow = (): number => useSyncExternalStore(seconds.subscribe, seconds.get);
export const useSlowNow = (): number => useSyncExternalStore(slow.subscribe, slow.get);

interface AtProps {
  readonly at: string;
}

const Told = ({ at, text }: AtProps & { readonly text: string }) => (
  <time dateTime={at} title={exact(at)}>
    {text}
  </time>
);

/** `12 min ago`, with the exact time on hovering. */
export const Ago = ({ at }: AtProps) => <Told at={at} text={ago(at, useSlowNow())} />;
/** `12 min`: for how long. */
export const For = ({ at }: AtProps) => <Told at={at} text={age(Math.max(0, useSlowNow() - Date.parse(at)))} />;
/** `in 3 d` */
export const Until = ({ at }: AtProps) => <Told at={at} text={until(at, useSlowNow())} />;

interface TookProps {
  readonly from: string;
  /** Null: it still runs, and the clock ticks. */
  readonly to: string | null;
}

const Ticking = ({ from }: { readonly from: string }) => clock(useNow() - Date.parse(from));

export const Took = ({ from, to }: TookProps) => (
  <span>{to === null ? <Ticking from={from} /> : duration(Date.parse(to) - Date.parse(from))}</span>
);
