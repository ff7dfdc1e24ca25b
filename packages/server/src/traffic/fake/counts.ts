import { bucketOf } from '@towpath/contract/histogram';
import type { Counts, InstanceStats } from '@towpath/contract/router';
import type { Observation, ObservedInstance, Sequences } from '../router.ts';

const nothing: Counts = {
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

interface Counted {
  readonly counts: Counts;
  readonly latencies: ReadonlyMap<number, number>;
  readonly changedAt: number;
}

/** What the fake router counts. A restart ends one instance and begins another; what the old one had counted is all on its disk. */
export class VirtualCounts {
  readonly #now: () => number;
  #earlier: InstanceStats[] = [];
  #instance = '';
  #startedAt = '';
  #sequence = 1;
  #releases = new Map<string, Counted>();

  constructor(now: () => number) {
    this.#now = now;
  }

  restart(instance: string): void {
    if (this.#releases.size > 0) this.#earlier = [this.#own(0), ...this.#earlier];
    this.#instance = instance;
    this.#startedAt = new Date(this.#now()).toISOString();
    this.#releases = new Map();
  }

  /** `ms`: how long the answer took; null: there was none. */
  count(release: string, status: number, ms: number | null, more: Partial<Counts> = {}): void {
    const before = this.#releases.get(release);
    const counts = { ...(before?.counts ?? nothing) };
    counts.requests += 1;
    for (const name of ['connectionFailures', 'cut', 'routerErrors'] as const) counts[name] += more[name] ?? 0;
    if (status >= 500) counts.status5xx += 1;
    else if (status >= 400) counts.status4xx += 1;
    else if (status >= 300) counts.status3xx += 1;
    else counts.status2xx += 1;
    const latencies = new Map(before?.latencies);
    if (ms !== null) latencies.set(bucketOf(ms), (latencies.get(bucketOf(ms)) ?? 0) + 1);
    this.#releases.set(release, { counts, latencies, changedAt: this.#sequence });
  }

  observe(since: Sequences): Observation {
    const after = since[this.#instance];
    const sequence = this.#sequence++;
    const running: ObservedInstance = { ...this.#own(after ?? 0), running: true };
    const earlier = after === undefined ? this.#earlier.map((each) => ({ ...each, running: false })) : [];
    return {
      resolutionMs: 1,
      delayMs: 0,
      sequences: { [this.#instance]: sequence },
      instances: [running, ...earlier],
    };
  }

  /** What changed after this. */
  #own(after: number): InstanceStats {
    const releases = [...this.#releases]
      .filter(([, { changedAt }]) => changedAt > after)
      .map(([release, { counts, latencies }]) => {
        const ascending = [...latencies].sort(([a], [b]) => a - b);
        return [release, { ...counts, latencies: ascending.flat(), since: 1 }] as const;
      });
    const at = new Date(this.#now()).toISOString();
    return { instance: this.#instance, startedAt: this.#startedAt, at, releases: Object.fromEntries(releases) };
  }
}
