/** How much is left of a limit. */
export interface Left {
  readonly allowed: boolean;
  /** What is left now, whole. */
  readonly remaining: number;
  /** Until all is there again, or, when nothing is left, until there is one again. In whole seconds. */
  readonly resetSeconds: number;
}

interface Bucket {
  level: number;
  /** Milliseconds of the caller's clock. */
  at: number;
}

/** So many are remembered; the one that was used longest ago is forgotten first. */
const mostBuckets = 10_000;

/**
 * A limit for each of many names: a bucket that holds `size` and fills by `perMinute`. Times are the caller's, in milliseconds of a clock
 * that only goes on.
 */
export class Limit {
  readonly size: number;
  readonly #perMs: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, size: number) {
    this.size = size;
    this.#perMs = perMinute / 60_000;
  }

  /** Takes one, if there is one. */
  take(name: string, now: number): Left {
    const level = this.#level(name, now);
    const allowed = level >= 1;
    this.#keep(name, { level: allowed ? level - 1 : level, at: now });
    return this.#left(allowed, allowed ? level - 1 : level);
  }

  /** What is left; takes nothing. */
  look(name: string, now: number): Left {
    const level = this.#level(name, now);
    return this.#left(level >= 1, level);
  }

  #left(allowed: boolean, level: number): Left {
    const missing = level < 1 ? 1 - level : this.size - level;
    return { allowed, remaining: Math.floor(level), resetSeconds: Math.ceil(missing / this.#perMs / 1000) };
  }

  #level(name: string, now: number): number {
    const bucket = this.#buckets.get(name);
    return bucket === undefined ? this.size : this.#filled(bucket, now);
  }

  #filled = ({ level, at }: Bucket, now: number): number => Math.min(this.size, level + (now - at) * this.#perMs);

  #keep(name: string, bucket: Bucket): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size <= mostBuckets) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
