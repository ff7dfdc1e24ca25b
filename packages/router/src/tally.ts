import { bucketOf, buckets } from '@towpath/contract/histogram';
import type { Counts, ReleaseStats } from '@towpath/contract/router';

/** Shared by all tallies of a book: by it is told what changed since somebody looked. */
export interface TallyClock {
  /** Grows with every look. */
  now: number;
}

/** The counts of one release. Each request costs it some additions; the buckets are made with the first one. */
export class Tally {
  readonly #clock: TallyClock;
  readonly #since: number;
  readonly #counts: Counts = {
    requests: 0,
    status2xx: 0,
    status3xx: 0,
    status4xx: 0,
    status5xx: 0,
    connectionFailures: 0,
    cut: 0,
    routerErrors: 0,
    broken: 0,
    aborted: 0,
    streams: 0,
  };
  #latencies: Float64Array | null = null;
  /** When it changed last, by the clock; 0: never. */
  #changedAt = 0;
  #text: string | null = null;

  /** `since`: ReleaseStats.since */
  constructor(clock: TallyClock, since: number) {
    this.#clock = clock;
    this.#since = since;
  }

  get changedAt(): number {
    return this.#changedAt;
  }

  /** A client got this status from the replica. */
  answered(status: number): void {
    const counts = this.#counts;
    counts.requests++;
    if (status >= 500) counts.status5xx++;
    else if (status >= 400) counts.status4xx++;
    else if (status >= 300) counts.status3xx++;
    else if (status >= 200) counts.status2xx++;
    this.#changed();
  }

  /** A client got this status from the router, in place of the replica's. */
  answeredInstead(status: number): void {
    if (status >= 500) this.#counts.routerErrors++;
    this.answered(status);
  }

  /** An answer, counted already, came to its end after so many ms. */
  timed(ms: number): void {
    this.#latencies ??= new Float64Array(buckets);
    const bucket = bucketOf(ms);
    this.#latencies[bucket] = (this.#latencies[bucket] ?? 0) + 1;
    this.#changed();
  }

  /** An answer, counted already, was a stream. */
  streamed(): void {
    this.#counts.streams++;
    this.#changed();
  }

  /** An answer, counted already, broke off. */
  broke(): void {
    this.#counts.broken++;
    this.#changed();
  }

  /** The client left in the middle of an answer, which is counted already. */
  aborted(): void {
    this.#counts.aborted++;
    this.#changed();
  }

  /** The client left before there was an answer. */
  left(): void {
    this.#counts.requests++;
    this.aborted();
  }

  /** No replica answered, or not to the end. The status that the client gets, if any, is counted by answeredInstead(). */
  connectionFailed(): void {
    this.#counts.connectionFailures++;
    this.#changed();
  }

  /** The drain time was over before the answer. */
  cut(): void {
    this.#counts.cut++;
    this.#changed();
  }

  snapshot(): ReleaseStats {
    const latencies: number[] = [];
    const counts = this.#latencies;
    // By index: an iterator would cost as much as all the rest.
    for (let bucket = 0; counts !== null && bucket < buckets; bucket++) {
      const count = counts[bucket] ?? 0;
      if (count > 0) latencies.push(bucket, count);
    }
    return { ...this.#counts, latencies, since: this.#since };
  }

  /** The snapshot as JSON; made anew only after a change. */
  text(): string {
    this.#text ??= JSON.stringify(this.snapshot());
    return this.#text;
  }

  #changed(): void {
    this.#changedAt = this.#clock.now;
    this.#text = null;
  }
}
