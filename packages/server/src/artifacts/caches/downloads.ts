import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { downloadVariables, settingsLinks } from '../../domain/cache/downloads.ts';
import { type CacheBounds, type KeptEntry, toEvict } from '../../domain/cache/evict.ts';
import type { CacheScope } from '../../domain/cache/scope.ts';
import { openParts } from '../parts.ts';
import { readScopeName, scopeName } from './key.ts';

/**
 * Folders for what package managers download: one for each scope, so that what another branch downloaded is in no trusted command's
 * sight. A written contract:
 *
 * - Any number of servers on one data folder may make any calls at once; each may be killed at any moment.
 * - From `open` to `close`, or as long as was said, nothing of the scope is removed, and the run's own folder is nobody else's.
 * - A run's own folder has the same path each time. After `close` it is left to another run of the scope.
 * - The size is bounded, but for what is in use. A scope goes as a whole: package managers take an empty folder for an empty cache.
 * - Trouble with the folders is logged, and is no reason to fail: the variables lead there all the same, never back to a shared place.
 */
export interface Downloads {
  /** Variables for the environment of commands. `holdMs`: how long it lasts at the longest, should nobody come to close. */
  open(use: DownloadUse, holdMs: number): Promise<Readonly<Record<string, string>>>;
  /** The run's commands have ended. Nothing happens when the run has opened the scope with another key since. */
  close(use: DownloadUse): Promise<void>;
  /** Removes what dead servers left, and what is too old or too much. */
  tidy(): Promise<void>;
  /** When nothing is left to do behind the calls. */
  settled(): Promise<void>;
}

export interface DownloadUse {
  readonly scope: CacheScope;
  readonly run: number;
  /** Of the execution: a server that wakes up late ends no use but its own. */
  readonly key: string;
}

export interface DownloadOptions {
  /** Absolute. Scopes lie below `caches/downloads`. */
  readonly dataDir: string;
  readonly bounds: CacheBounds;
  /** What commands inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: (message: string, error: unknown) => void;
  /** A scope is measured that often at most, and all of them together looked through, in ms: one may hold a hundred thousand files. */
  readonly measureMs?: number;
}

/** The folder of all scopes, or of this one. */
export function downloadsOf(dataDir: string, scope?: CacheScope): string {
  return join(dataDir, 'caches', 'downloads', ...(scope === undefined ? [] : [scopeName(scope)]));
}

/**
 * One scope, a folder that goes as a whole:
 *
 *   size          what it held when it was last looked at; its time is when it was last used
 *   uses/<run>    the key of the execution that the run uses the scope for; its time is until when, at the longest
 *   shared/       what several runs may use at once
 *   own/<run>/    what one run uses
 *   idle/…/       what no run uses: the next one takes it
 */
export function openDownloads({ dataDir, bounds, env, log, measureMs = 60_000 }: DownloadOptions): Downloads {
  const scopes = downloadsOf(dataDir);
  const parts = openParts(join(dataDir, 'caches', 'removed'));
  /** When which folder was last looked through. */
  const measured = new Map<string, number>();
  let behind: Promise<unknown> = Promise.resolve();
  const later = (work: () => Promise<unknown>) => {
    behind = behind.then(() => calmly(work));
  };
  const calmly = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => log('the download caches could not be tended', error));
  };
  const folderOf = (scope: CacheScope) => downloadsOf(dataDir, scope);
  const markOf = ({ scope, run }: DownloadUse) => join(folderOf(scope), 'uses', String(run));
  const ownOf = ({ scope, run }: DownloadUse) => join(folderOf(scope), 'own', String(run));

  /** The mark appears with its time: one without would look run out. */
  const mark = (use: DownloadUse, holdMs: number) =>
    parts.lend(async (part) => {
      await writeFile(part, use.key);
      const until = new Date(Date.now() + holdMs);
      await utimes(part, until, until);
      await mkdir(dirname(markOf(use)), { recursive: true, mode: 0o700 });
      await rename(part, markOf(use));
    });
  /** Another server may be removing the scope until it sees the mark, so that is looked for again in the end. */
  const hold = async (use: DownloadUse, holdMs: number) => {
    const folder = folderOf(use.scope);
    for (let tries = 1; tries <= 3; tries++) {
      try {
        await mark(use, holdMs);
        await takeOwn(folder, ownOf(use));
        await mkdir(join(folder, 'shared'), { recursive: true });
        if ((await stat(markOf(use)).catch(() => null)) !== null) return;
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    }
    throw new Error(`${folder} is removed again and again`);
  };
  const takeOwn = async (folder: string, own: string) => {
    if ((await stat(own).catch(() => null)) !== null) return;
    await mkdir(dirname(own), { recursive: true });
    for (const name of await namesIn(join(folder, 'idle'))) {
      if (await moved(join(folder, 'idle', name), own)) return;
    }
    await mkdir(own, { recursive: true });
  };
  const leaveOwn = async (folder: string, own: string) => {
    const idle = join(folder, 'idle');
    await mkdir(idle, { recursive: true });
    // One is enough: the next run takes it, and runs side by side are rare.
    if ((await namesIn(idle)).length > 0) await parts.discard(own);
    else await moved(own, join(idle, randomBytes(6).toString('hex')));
  };

  const measure = async (folder: string): Promise<number> => {
    const bytes = await sizeOf(folder);
    if (bytes === null) return 0; // another server removed it
    await writeFile(join(folder, 'size'), `${bytes}\n`);
    measured.set(folder, Date.now());
    return bytes;
  };
  const used = async (folder: string) => {
    const now = new Date();
    await utimes(join(folder, 'size'), now, now).catch(() => {}); // not measured yet
    const due = (path: string) => now.getTime() - (measured.get(path) ?? 0) >= measureMs;
    if (due(folder)) await measure(folder);
    if (due(scopes)) await tidy();
  };
  /** What is there of the scope, and whether somebody uses it. Null: gone, or nothing of ours. */
  const look = async (name: string) => {
    const folder = join(scopes, name);
    const trusted = readScopeName(name)?.trusted;
    const found = await stat(folder).catch(() => null);
    if (trusted === undefined || found === null) return null;
    const size = join(folder, 'size');
    const said = await readFile(size, 'utf8').catch(() => '');
    const { mtimeMs } = await stat(size).catch(() => found);
    const bytes = /^\d{1,15}\n$/.test(said) ? Number(said) : await measure(folder);
    return { name, trusted, bytes, usedAt: mtimeMs, inUse: (await usesOf(folder)).length > 0 };
  };
  /** Moves it out of sight, looks once more, and moves it back when somebody came meanwhile. */
  const remove = async (folder: string) => {
    const gone = await parts.fresh();
    if (!(await moved(folder, gone))) return;
    measured.delete(folder);
    if ((await usesOf(gone)).length > 0 && (await moved(gone, folder))) return;
    await parts.discard(gone);
  };
  const tidy = async () => {
    measured.set(scopes, Date.now());
    await parts.sweep();
    const free: KeptEntry[] = [];
    let taken = 0;
    for (const name of await namesIn(scopes)) {
      await dropDeadRuns(join(scopes, name));
      const found = await look(name);
      if (found?.inUse) taken += found.bytes;
      else if (found) free.push(found);
    }
    const gone = toEvict(free, { ...bounds, bytes: Math.max(0, bounds.bytes - taken) }, Date.now());
    for (const name of gone) await remove(join(scopes, name));
  };
  const dropDeadRuns = async (folder: string) => {
    // In this order: a run marks its use first.
    const runs = await namesIn(join(folder, 'own'));
    const live = new Set(await usesOf(folder));
    for (const run of runs) if (!live.has(run)) await parts.discard(join(folder, 'own', run));
  };

  return {
    async open(use, holdMs) {
      const folder = folderOf(use.scope);
      const folders = { shared: join(folder, 'shared'), own: ownOf(use) };
      await calmly(async () => {
        await hold(use, holdMs);
        for (const { from, to } of settingsLinks(folders, env)) await link(from, to);
      });
      return downloadVariables(folders);
    },
    close: (use) =>
      calmly(async () => {
        if ((await readFile(markOf(use), 'utf8').catch(() => null)) !== use.key) return;
        const folder = folderOf(use.scope);
        await leaveOwn(folder, ownOf(use));
        await rm(markOf(use), { force: true });
        later(() => used(folder));
      }),
    tidy: () => calmly(tidy),
    settled: async () => {
      await behind;
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Runs whose use has not run out. */
async function usesOf(scope: string): Promise<string[]> {
  const now = Date.now();
  const uses: string[] = [];
  for (const run of await namesIn(join(scope, 'uses'))) {
    const found = await stat(join(scope, 'uses', run)).catch(() => null);
    if (found !== null && found.mtimeMs > now) uses.push(run);
  }
  return uses;
}

/** False: it was gone, or something lies there. */
async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

/** A folder with no more than so many files is looked through here: starting a process takes the server longer. */
const fewFiles = 200;

/** Bytes on the disk; null: gone. */
async function sizeOf(folder: string): Promise<number | null> {
  const few = await sizeOfFew(folder);
  return few === 'many' ? sizeOfMany(folder) : few;
}

async function sizeOfFew(folder: string): Promise<number | 'many' | null> {
  let bytes = (await lstat(folder).catch(() => null))?.blocks ?? null;
  if (bytes === null) return null;
  let files = 0;
  const waiting = [folder];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const name of await namesIn(at)) {
      if (++files > fewFiles) return 'many';
      const found = await lstat(join(at, name)).catch(() => null); // it may have gone meanwhile
      bytes += found?.blocks ?? 0;
      if (found?.isDirectory()) waiting.push(join(at, name));
    }
  }
  return bytes * 512;
}

/** In a process of its own, after everything else that wants the processor: there may be a hundred thousand files. */
async function sizeOfMany(folder: string): Promise<number | null> {
  const child = spawn('nice', ['-n', '19', 'du', '-sk', '--', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, trouble] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  // Files that go meanwhile make it fail, and count all the same.
  const kib = /^(\d+)\s/.exec(said)?.[1];
  if (kib === undefined && (await stat(folder).catch(() => null)) === null) return null;
  if (kib === undefined) throw new Error(`${folder} could not be measured: ${trouble.slice(0, 300)}`);
  return Number(kib) * 1024;
}

async function link(from: string, to: string): Promise<void> {
  if ((await stat(from).catch(() => null)) === null) return;
  await mkdir(dirname(to), { recursive: true });
  await symlink(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
