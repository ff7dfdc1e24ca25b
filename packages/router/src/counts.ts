import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Counts, RouterStats } from '@towpath/contract/router';

/** The counts of one release. */
export class Tally {
  readonly #changed: () => void;
  readonly #counts: Counts = {
    requests: 0,
    status2xx: 0,
    status3xx: 0,
    status4xx: 0,
    status5xx: 0,
    connectionFailures: 0,
    cut: 0,
  };

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** A client got this status, from the replica or in its place. */
  answered(status: number): void {
    const counts = this.#counts;
    counts.requests++;
    if (status >= 500) counts.status5xx++;
    else if (status >= 400) counts.status4xx++;
    else if (status >= 300) counts.status3xx++;
    else if (status >= 200) counts.status2xx++;
    this.#changed();
  }

  /** The client left before there was an answer. */
  left(): void {
    this.#counts.requests++;
    this.#changed();
  }

  /** No replica answered, or not to the end. The status that the client gets, if any, is counted by answered(). */
  connectionFailed(): void {
    this.#counts.connectionFailures++;
    this.#changed();
  }

  /** The drain time was over before the answer. */
  cut(): void {
    this.#counts.cut++;
    this.#changed();
  }

  snapshot(): Counts {
    return { ...this.#counts };
  }
}

/** Counts of a release that left the table can still be read for so long; kept for ever they would grow with every deployment. */
const rememberMs = 3_600_000;

/** The counts of all releases since this instance began. */
export class CountBook {
  readonly #instance: string;
  readonly #file: string;
  readonly #tallies = new Map<string, Tally>();
  /** performance.now() when a release was found to have left the table. */
  readonly #leftAt = new Map<string, number>();
  #dirty = false;
  #saving: Promise<void> | null = null;

  constructor(instance: string, stateDir: string) {
    this.#instance = instance;
    this.#file = join(stateDir, 'stats.json');
  }

  tally(release: string): Tally {
    let tally = this.#tallies.get(release);
    if (tally === undefined) {
      tally = new Tally(() => {
        this.#dirty = true;
      });
      this.#tallies.set(release, tally);
    }
    return tally;
  }

  /** Forgets releases that are not among these since long. */
  retain(releases: ReadonlySet<string>, now = performance.now()): void {
    for (const release of this.#tallies.keys()) {
      if (releases.has(release)) this.#leftAt.delete(release);
      else if (!this.#leftAt.has(release)) this.#leftAt.set(release, now);
      else if (now - (this.#leftAt.get(release) ?? now) > rememberMs) {
        this.#tallies.delete(release);
        this.#leftAt.delete(release);
      }
    }
  }

  stats(): RouterStats {
    const releases = Object.fromEntries([...this.#tallies].map(([release, tally]) => [release, tally.snapshot()]));
    return { instance: this.#instance, at: new Date().toISOString(), releases };
  }

  /** Saves the counts if they changed since the last time. Not synced: after a power cut the seconds before it are lost. */
  async flush(): Promise<void> {
    await this.#saving;
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#saving = this.#save();
    await this.#saving;
  }

  async #save(): Promise<void> {
    try {
      await writeFile(`${this.#file}.new`, JSON.stringify(this.stats()), { mode: 0o600 });
      await rename(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#dirty = true;
      throw error;
    } finally {
      this.#saving = null;
    }
  }
}
