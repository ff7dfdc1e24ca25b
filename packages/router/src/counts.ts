import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { InstanceStats, type RouterStats } from '@towpath/contract/router';
import { z } from 'zod';
import type { Log } from './log.ts';
import { Tally, type TallyClock } from './tally.ts';

/** Counts of a release that left the table can still be read for so long; for ever they would grow without end. */
const rememberMs = 3_600_000;
/** Of starts that ended, as many can be read, and for so long: a server that was away takes them over when it is back. */
const mostEarlier = 16;
const earlierMs = 7 * 24 * 3_600_000;
/** So many releases are written out at a time: with hundreds of busy ones users' requests would wait for it. */
const atOnce = 20;

/**
 * The counts of all releases since this start of the router. They are saved each second; what the starts before it had saved is read
 * again, and told apart by their instances, so that a reader who missed the end of one loses what was not saved and nothing else.
 */
export class CountBook {
  readonly #instance: string;
  readonly #startedAt = new Date().toISOString();
  readonly #file: string;
  /** A file of its own, written once at each start: what does not change is not written each second. */
  readonly #earlierFile: string;
  readonly #clock: TallyClock = { now: 1 };
  readonly #tallies = new Map<string, Tally>();
  /** performance.now() when a release was found to have left the table. */
  readonly #leftAt = new Map<string, number>();
  /** Tallies that were made so far. */
  #made = 0;
  #earlier: readonly InstanceStats[] = [];
  /** The clock's time up to which all is saved. */
  #savedAt = 0;
  #saving: Promise<void> | null = null;

  constructor(instance: string, stateDir: string) {
    this.#instance = instance;
    this.#file = join(stateDir, 'stats.json');
    this.#earlierFile = join(stateDir, 'stats-earlier.json');
  }

  /** Takes up what starts before this one have saved. A broken file is reported and forgotten: counts are no reason not to start. */
  async restore(log: Log, time = Date.now()): Promise<void> {
    const last = await readStats(this.#file, log);
    const before = await readStats(this.#earlierFile, log);
    // Killed between the two files, a start finds one instance in both.
    const known = new Set(last.map(({ instance }) => instance));
    this.#earlier = [...last, ...before.filter(({ instance }) => !known.has(instance))]
      .filter((each) => Object.keys(each.releases).length > 0 && isTold(each, time))
      .slice(0, mostEarlier);
    if (last.length === 0) return;
    try {
      await replaceFile(this.#earlierFile, JSON.stringify(this.#earlier));
    } catch (error) {
      log('stats_not_saved', { error: error instanceof Error ? error.message : String(error) });
    }
  }

  tally(release: string): Tally {
    let tally = this.#tallies.get(release);
    if (tally === undefined) {
      tally = new Tally(this.#clock, ++this.#made);
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

  /** RouterStats as JSON. `after`, a sequence of this instance: those that changed since then. Releases without a request are left out. */
  async stats(after: number | null = null, time = Date.now()): Promise<string> {
    const sequence = this.#clock.now++;
    const earlier = after === null ? this.#earlier.filter((each) => isTold(each, time)) : [];
    return this.#written({ sequence, earlier }, this.#changedAfter(after ?? 0));
  }

  /** Saves the counts if they changed since the last time. Not synced: after a power cut the seconds before it are lost. */
  async flush(): Promise<void> {
    await this.#saving;
    if (this.#changedAfter(this.#savedAt).length === 0) return;
    this.#saving = this.#save();
    await this.#saving;
  }

  #changedAfter(time: number): [release: string, tally: Tally][] {
    return [...this.#tallies].filter(([, { changedAt }]) => changedAt > time);
  }

  /** What changes meanwhile may be in it or not: it is told again next time, as it has a later stamp. */
  async #written(more: Partial<RouterStats>, tallies: readonly (readonly [string, Tally])[]): Promise<string> {
    const at = new Date().toISOString();
    const heading = JSON.stringify({ instance: this.#instance, startedAt: this.#startedAt, at, ...more });
    const releases: string[] = [];
    for (const [index, [release, tally]] of tallies.entries()) {
      if (index > 0 && index % atOnce === 0) await othersFirst();
      releases.push(`${JSON.stringify(release)}:${tally.text()}`);
    }
    return `${heading.slice(0, -1)},"releases":{${releases.join(',')}}}`;
  }

  async #save(): Promise<void> {
    try {
      const savedAt = this.#clock.now++;
      await replaceFile(this.#file, await this.#written({}, this.#changedAfter(0)));
      this.#savedAt = savedAt;
    } finally {
      this.#saving = null;
    }
  }
}

const isTold = ({ at }: InstanceStats, time: number): boolean => time - Date.parse(at) < earlierMs;

async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** What the file holds; nothing when it is not there, or broken, which is told. */
async function readStats(file: string, log: Log): Promise<InstanceStats[]> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    return z.array(InstanceStats).parse(Array.isArray(found) ? found : [found]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      log('stats_broken', { file, error: error instanceof Error ? error.message : String(error) });
    return [];
  }
}
