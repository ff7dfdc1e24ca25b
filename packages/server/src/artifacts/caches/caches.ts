import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CacheBounds, type KeptEntry, toEvict } from '../../domain/cache/evict.ts';
import type { NoRecipe } from '../../domain/cache/kind.ts';
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
import { entryName, readEntryName } from './key.ts';
import { moveHolders, namedFolders } from './moving.ts';
import { finishPlacing, isHalfPlaced, pack, placeTree } from './placing.ts';
import { type CachePlan, firstThere, type Install, planOf } from './plan.ts';
import { leadsStraight } from './straight.ts';
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
  /** What is wished for the install, or why nothing is kept. Null: nobody knows how to keep this command's result. */
  plan(install: Install): Promise<CachePlan | NoRecipe | null>;
  /** Puts the dependencies into the plan's folders, all or none. Null: there are none, or something else lies there. */
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
    const spare = await takeSpare(entry, record, parts);
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
  const namesOf = (plan: CachePlan, scope: CacheScope) => namedFolders(plan.root, downloadsOf(dataDir, scope));
  const place = async (
    { part, record }: { part: string; record: EntryRecord },
    plan: CachePlan,
    own: CacheScope,
    guard: Guard,
  ) => {
    const { folders, holders, named } = record;
    try {
      if (!fits(folders, plan)) throw new Error('an entry has other folders than its key says');
      // Only of a virtual environment links lead out.
      if (plan.linksOut) await requirePython(join(part, mainOf(plan)));
      // In the run's own scope: it must not be led to the downloads of another one.
      if (holders.length > 0) await moveHolders(part, holders, named, await namesOf(plan, own));
      await pack(part, folders);
      await guarded(guard, () => placeTree(part, plan.root, folders));
    } finally {
      await parts.discard(part);
    }
  };
  /** What a server left that died while it restored. */
  const finish = (plan: CachePlan, guard: Guard) =>
    parts.lend((part) => guarded(guard, () => finishPlacing(part, plan.root, plan.folders)));
  /** What of the plan was installed; null: something that is not kept is in the way. */
  const installed = async ({ root, folders }: CachePlan): Promise<string[] | null> => {
    const made: string[] = [];
    for (const folder of folders) {
      const found = await lstat(join(root, folder)).catch(() => null);
      if (found === null) continue;
      if (!found.isDirectory() || !(await leadsStraight(dataDir, join(root, folder)))) return null;
      made.push(folder);
    }
    return made;
  };
  const keep = async (entry: string, plan: CachePlan, own: CacheScope, guard: Guard): Promise<boolean> => {
    const folders = await installed(plan);
    if (folders === null || !fits(folders, plan)) return false;
    const part = await parts.fresh();
    try {
      if (plan.only !== null && !(await holdsOnly(join(plan.root, mainOf(plan)), plan.only))) return false;
      const [installMs, named] = await Promise.all([installTime(plan), namesOf(plan, own)]);
      const { linked, linksOut, holders: like } = plan;
      const making = { folders, linked, linksOut, like, installMs, named, maxBytes: bounds.bytes };
      if ((await makeEntry(part, plan.root, making)) === null) return false;
      await mkdir(entries, { recursive: true, mode: 0o700 });
      await guarded(guard, () => rename(part, entry));
      return true;
    } catch (error) {
      if (error instanceof Unguarded || (await readRecord(entry)) === null) throw error;
      return true; // another one was faster
    } finally {
      await parts.discard(part);
    }
  };

  return {
    plan: (install) => calmly('looked for', null, () => planOf(install, { dataDir, env, toolchain })),
    restore: (plan, scopes, guard) =>
      calmly('restored', null, async () => {
        const begun = performance.now();
        const tookMs = () => performance.now() - begun;
        if (await isHalfPlaced(plan.root, plan.folders)) {
          await finish(plan, guard);
          return { tookMs: tookMs(), installMs: null };
        }
        if ((await firstThere(plan.root, plan.folders)) !== null) return null;
        for (const scope of scopes.reads) {
          const entry = join(entries, entryName(scope, plan.key));
          const found = await obtain(entry);
          if (found === null) continue;
          await place(found, plan, scopes.writes, guard);
          await touch(entry);
          later(() => refill(entry));
          return { tookMs: tookMs(), installMs: found.record.installMs };
        }
        return null;
      }),
    save: (plan, scopes, guard) =>
      calmly('saved', false, async () => {
        const entry = join(entries, entryName(scopes.writes, plan.key));
        if ((await readRecord(entry)) !== null) return true;
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

async function guarded(guard: Guard, work: () => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const step = () =>
    work().catch((error: unknown) => {
      failures.push(error);
    });
  await guard(step).catch((error: unknown) => {
    throw new Unguarded('not guarded', { cause: error });
  });
  if (failures.length > 0) throw failures[0];
}

const mainOf = ({ folders: [main = ''] }: CachePlan): string => main;

/** Are these folders of the plan, with the first of it? */
function fits(folders: readonly string[], plan: CachePlan): boolean {
  return folders[0] === mainOf(plan) && folders.every((folder) => plan.folders.includes(folder));
}

/**
 * From the first folder's making to the last word in it, in ms: what the install took, whoever waited for its turn before, and also when a
 * server died meanwhile. Null where nobody can tell, such as on a file system that keeps no such time.
 */
async function installTime(plan: CachePlan): Promise<number | null> {
  if (plan.last === null) return null;
  const place = join(plan.root, mainOf(plan));
  const [made, ended] = await Promise.all([lstat(place), lstat(join(place, plan.last)).catch(() => null)]);
  if (ended === null || made.birthtimeMs <= 0 || ended.mtimeMs <= made.birthtimeMs) return null;
  return Math.round(ended.mtimeMs - made.birthtimeMs);
}
