import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CacheBounds, type KeptEntry, toEvict } from '../../domain/cache/evict.ts';
import { isCacheable, recipeAbove, recipeFiles, recipeOf } from '../../domain/cache/recipe.ts';
import type { CacheScope, CacheScopes } from '../../domain/cache/scope.ts';
import { openParts } from '../parts.ts';
import { downloadsOf } from './downloads.ts';
import {
  addSpare,
  type EntryRecord,
  makeEntry,
  readRecord,
  spareNames,
  Tampered,
  takeSpare,
  touch,
  usedAt,
  wholeCopy,
} from './entry.ts';
import { holdsOnly, requirePython } from './environment.ts';
import { cacheKey, entryName, readEntryName } from './key.ts';
import { moveHolders, namedFolders } from './moving.ts';
import { leadsStraight, liesAbove, readTexts } from './texts.ts';
import { toolchainOf } from './toolchain.ts';

/**
 * Installed dependencies, kept for the next run with the same lock file and toolchain. A written contract:
 *
 * - Any number of servers on one data folder may make any calls at once; each may be killed at any moment.
 * - An entry appears whole or not at all, and never changes. Two that save under one key: the first stays.
 * - What restore puts in place is whole and belongs to the run alone: it shares no file with the entry or with another run. An entry
 *   whose files were written to since is removed, not restored.
 * - A run reads and writes in the scopes of its wish only; domain/cache/scope.ts says which.
 * - A cache is no reason to fail: what goes wrong is logged, and answered like "nothing kept". Only what the guard throws goes up.
 * - What becomes visible does so inside the guard: when the run is in other hands, their command may be at work in the folder.
 * - The size is bounded (domain/cache/evict.ts), but for what is being written. Leftovers of killed servers are removed at the start.
 */
export interface Caches {
  /**
   * What is wished for this folder and command, with these variables over those that all inherit, or why nothing is kept. Null: nobody
   * knows how to keep this command's result.
   */
  plan(
    folder: string,
    command: string,
    own?: Readonly<Record<string, string>>,
  ): Promise<CachePlan | { readonly refused: string } | null>;
  /** Puts the dependencies into the plan's folder. Null: there are none, or something else lies there. */
  restore(plan: CachePlan, scopes: CacheScopes, guard: Guard): Promise<Restored | null>;
  /** Keeps what the command made. False: it was not kept. */
  save(plan: CachePlan, scopes: CacheScopes, guard: Guard): Promise<boolean>;
  /** Removes what dead servers left, and what is too old or too much. */
  tidy(): Promise<void>;
  /** When nothing is left to do behind the calls. */
  settled(): Promise<void>;
}

/** Runs the step while the run is certainly in the caller's hands; throws, and runs nothing, when it is not. */
export type Guard = (step: () => Promise<void>) => Promise<void>;

export interface CachePlan {
  readonly key: string;
  readonly lockfile: string;
  /** Absolute; where the dependencies go. */
  readonly place: string;
  /** The file in there that the install command writes last; null: there is none. */
  readonly last: string | null;
  /** See Recipe. */
  readonly holders: RegExp | null;
  readonly linksOut: boolean;
  readonly only: readonly string[] | null;
}

export interface Restored {
  readonly tookMs: number;
  /** What the install took that made them; null: unknown. */
  readonly installMs: number | null;
}

export interface CacheOptions {
  /** Absolute. Entries lie below `caches`; places must be on the same file system. */
  readonly dataDir: string;
  readonly bounds: CacheBounds;
  /** What the install commands inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: (message: string, error: unknown) => void;
  /** In place of asking the machine. */
  readonly toolchain?: typeof toolchainOf;
}

/** Copies that lie ready for each entry: a run takes one at prepare, and its build comes later. */
const spares = 1;

export function openCaches(options: CacheOptions): Caches {
  const { dataDir, bounds, env, log } = options;
  const toolchain = options.toolchain ?? toolchainOf;
  const entries = join(dataDir, 'caches', 'entries');
  const parts = openParts(join(dataDir, 'caches', 'parts'));
  let behind: Promise<unknown> = Promise.resolve();
  /** One after the other, so that a burst of runs copies no more than one tree at a time. */
  const later = (work: () => Promise<unknown>) => {
    behind = behind.then(work).catch((error: unknown) => log('the dependency cache could not be tended', error));
  };
  const calmly = async <T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Unguarded) throw error.cause;
      log(`dependencies could not be ${what}`, error);
      return otherwise;
    }
  };

  const kept = async (): Promise<KeptEntry[]> => {
    const found: KeptEntry[] = [];
    for (const name of await readdir(entries).catch(() => [])) {
      const path = join(entries, name);
      const [record, used] = await Promise.all([readRecord(path), usedAt(path)]);
      const trusted = readEntryName(name)?.trusted;
      // What a power failure tore is in the way of a whole one.
      if (record === null || used === null || trusted === undefined) await parts.discard(path);
      else found.push({ name, trusted, bytes: record.bytes * (1 + (await spareNames(path)).length), usedAt: used });
    }
    return found;
  };
  const tidy = async () => {
    await parts.sweep();
    for (const name of toEvict(await kept(), bounds, Date.now())) await parts.discard(join(entries, name));
  };
  const refill = async (entry: string) => {
    const record = await readRecord(entry);
    if (record === null || (await spareNames(entry)).length >= spares) return;
    const bytes = (await kept()).reduce((sum, each) => sum + each.bytes, record.bytes);
    if (bytes <= bounds.bytes) await addSpare(entry, parts);
  };

  /** A copy of the entry that is the caller's own, at a part's place; null: there is no such entry. */
  const obtain = async (entry: string): Promise<{ part: string; record: EntryRecord } | null> => {
    const record = await readRecord(entry);
    if (record === null) return null;
    const spare = await takeSpare(entry, parts);
    if (spare !== null) return { part: spare, record };
    const part = await parts.fresh();
    try {
      await wholeCopy(entry, part);
      return { part, record };
    } catch (error) {
      await parts.discard(part);
      if (error instanceof Tampered) await parts.discard(entry);
      if ((await readRecord(entry)) === null) return null; // removed meanwhile
      throw error;
    }
  };
  const namesOf = (plan: CachePlan, scope: CacheScope) => namedFolders(plan.place, downloadsOf(dataDir, scope));
  const place = async (
    found: { part: string; record: EntryRecord },
    plan: CachePlan,
    own: CacheScope,
    guard: Guard,
  ) => {
    const { holders, named } = found.record;
    try {
      // Only of a virtual environment links lead out.
      if (plan.linksOut) await requirePython(found.part);
      // In the run's own scope: it must not be led to the downloads of another one.
      if (holders.length > 0) await moveHolders(found.part, holders, named, await namesOf(plan, own));
      // Where something lies, the system refuses.
      await renameGuarded(guard, found.part, plan.place);
    } finally {
      await parts.discard(found.part);
    }
  };
  const keep = async (entry: string, plan: CachePlan, own: CacheScope, guard: Guard): Promise<boolean> => {
    const part = await parts.fresh();
    try {
      if (plan.only !== null && !(await holdsOnly(plan.place, plan.only))) return false;
      const [installMs, named] = await Promise.all([installTime(plan), namesOf(plan, own)]);
      const made = { installMs, named, maxBytes: bounds.bytes, linksOut: plan.linksOut, like: plan.holders };
      if ((await makeEntry(part, plan.place, made)) === null) return false;
      await mkdir(entries, { recursive: true, mode: 0o700 });
      await renameGuarded(guard, part, entry);
      return true;
    } catch (error) {
      if (error instanceof Unguarded || (await readRecord(entry)) === null) throw error;
      return true; // another one was faster
    } finally {
      await parts.discard(part);
    }
  };

  return {
    plan: (folder, command, own = {}) =>
      calmly('looked for', null, async () => {
        if (!isCacheable(command)) return null;
        const texts = await readTexts(folder, recipeFiles(command));
        if ('odd' in texts) return { refused: `${texts.odd} is no plain file of at most 16 MiB` };
        const above = recipeAbove(command);
        if (above && !texts.has(above.name) && (await liesAbove(folder, above.name)))
          return { refused: `${above.name} of a folder further up ${above.refused}` };
        const recipe = recipeOf(command, (name) => texts.get(name) ?? null);
        if (recipe === null || 'refused' in recipe) return recipe;
        const { programs, lockfile, last, holders, linksOut, only } = recipe;
        const machine = (await leadsStraight(dataDir, folder)) ? await toolchain(folder, { env, own, programs }) : null;
        if (machine === null) return null;
        const key = cacheKey({ toolchain: machine, command, recipe });
        return { key, lockfile, last, holders, linksOut, only, place: join(folder, recipe.folder) };
      }),
    restore: (plan, scopes, guard) =>
      calmly('restored', null, async () => {
        const begun = performance.now();
        if ((await lstat(plan.place).catch(() => null)) !== null) return null;
        for (const scope of scopes.reads) {
          const entry = join(entries, entryName(scope, plan.key));
          const found = await obtain(entry);
          if (found === null) continue;
          await place(found, plan, scopes.writes, guard);
          await touch(entry);
          later(() => refill(entry));
          return { tookMs: performance.now() - begun, installMs: found.record.installMs };
        }
        return null;
      }),
    save: (plan, scopes, guard) =>
      calmly('saved', false, async () => {
        const entry = join(entries, entryName(scopes.writes, plan.key));
        if ((await readRecord(entry)) !== null) return true;
        const installed = await lstat(plan.place).catch(() => null);
        if (!installed?.isDirectory() || !(await leadsStraight(dataDir, plan.place))) return false;
        if (!(await keep(entry, plan, scopes.writes, guard))) return false;
        later(tidy);
        later(() => refill(entry));
        return true;
      }),
    tidy: () => calmly('tidied', undefined, tidy),
    settled: async () => {
      await behind;
    },
  };
}

/** Why the caller's guard threw, so that it goes up through what is calm about everything else. */
class Unguarded extends Error {}

async function renameGuarded(guard: Guard, from: string, to: string): Promise<void> {
  const failures: unknown[] = [];
  const step = () =>
    rename(from, to).catch((error: unknown) => {
      failures.push(error);
    });
  await guard(step).catch((error: unknown) => {
    throw new Unguarded('not guarded', { cause: error });
  });
  if (failures.length > 0) throw failures[0];
}

/**
 * From the folder's making to the last word in it, in ms: what the install took, whoever waited for its turn before, and also when a
 * server died meanwhile. Null where nobody can tell, such as on a file system that keeps no such time.
 */
async function installTime({ place, last }: CachePlan): Promise<number | null> {
  if (last === null) return null;
  const [made, ended] = await Promise.all([lstat(place), lstat(join(place, last)).catch(() => null)]);
  if (ended === null || made.birthtimeMs <= 0 || ended.mtimeMs <= made.birthtimeMs) return null;
  return Math.round(ended.mtimeMs - made.birthtimeMs);
}
