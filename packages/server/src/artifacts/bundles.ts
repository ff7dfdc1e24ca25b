import { randomUUID } from 'node:crypto';
import { access, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { z } from 'zod';
import { flushTree, removeTree } from '../tree.ts';
import { type Listing, listFolder } from './listing.ts';

const Seal = z.object({ digest: z.string(), bytes: z.int().nonnegative(), files: z.int().nonnegative() });
/** What a finished bundle is: its digest (see listing.ts), the size of its files in bytes, and how many there are. */
export type Seal = z.infer<typeof Seal>;

const locationForm = /^bundles\/\d+\/[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/**
 * Bundles: folders named by digest, built where they stay (virtual environments and caches hold absolute paths). All calls are
 * idempotent. A place is an absolute folder; a location is the same relative to the data folder, as the database keeps it.
 */
export interface Bundles {
  /** Where a build puts its result. Throws `bad_request` for a key that is no plain file name. */
  place(serviceId: number, buildKey: string): string;
  location(place: string): string;
  folder(location: string): string;
  /** The seal that a bundle got, or null. */
  sealed(place: string): Promise<Seal | null>;
  /**
   * Makes the folder read-only and names it by digest. A second time it gives the same answer and looks at nothing.
   * Throws `refused_file` for links that lead out, sockets, pipes, devices; `disk_full`; `artifact_gone` without a folder.
   */
  seal(place: string): Promise<Seal>;
  /** Reads all of it again: does it still have this digest? */
  verify(location: string, digest: string): Promise<boolean>;
  /** Removes the bundle with its seal, read-only or not. */
  remove(location: string): Promise<void>;
}

/** `dataDir` is absolute. */
export function openBundles(dataDir: string): Bundles {
  const folder = (location: string) => {
    if (locationForm.test(location)) return join(dataDir, location);
    throw new TowpathError('bad_request', `${JSON.stringify(location)} is no place of a bundle`);
  };
  const listed = async (place: string, freeze: boolean): Promise<Listing> => {
    try {
      return await listFolder(place, { data: dataDir, freeze });
    } catch (error) {
      throw await explained(error, place);
    }
  };
  const bundles: Bundles = {
    place: (serviceId, buildKey) => folder(`bundles/${serviceId}/${buildKey}`),
    location: (place) => relative(dataDir, place),
    folder,
    async sealed(place) {
      const text = await readFile(recordOf(place), 'utf8').catch(() => null);
      return text === null || !(await exists(place)) ? null : Seal.parse(JSON.parse(text));
    },
    async seal(place) {
      const before = await bundles.sealed(place);
      if (before !== null) return before;
      if (!(await exists(place))) throw new TowpathError('artifact_gone', `there is no bundle at ${place}`);
      const seal = await listed(place, true);
      try {
        await flushTree(place);
        await writeRecord(place, seal);
      } catch (error) {
        throw await explained(error, place);
      }
      return seal;
    },
    async verify(location, digest) {
      const place = folder(location);
      return (await exists(place)) && (await listed(place, false)).digest === digest;
    },
    async remove(location) {
      const place = folder(location);
      const trash = `${place}.trash`;
      await removeTree(trash);
      await rm(recordOf(place), { force: true });
      if (!(await exists(place))) return;
      await rename(place, trash);
      await removeTree(trash);
    },
  };
  return bundles;
}

function recordOf(place: string): string {
  return `${place}.sealed.json`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The record is what makes a bundle: it appears whole, after the files are on the disk. */
async function writeRecord(place: string, seal: Seal): Promise<void> {
  const part = `${recordOf(place)}.${randomUUID()}`;
  try {
    await writeFile(part, `${JSON.stringify(seal)}\n`, { flush: true });
    await rename(part, recordOf(place));
  } finally {
    await rm(part, { force: true });
  }
  const parent = await open(dirname(place));
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

async function explained(error: unknown, place: string): Promise<unknown> {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new TowpathError('disk_full', `no space is left on ${await volumeOf(place)}, for the bundle ${place}`, {
      cause: error,
    });
  }
  if (error.code === 'ENAMETOOLONG') {
    return new TowpathError('refused_file', `a path in the bundle is too long: ${error.message.slice(0, 300)}…`, {
      cause: error,
    });
  }
  return error;
}

/** The folder that the file system is mounted on. */
async function volumeOf(path: string): Promise<string> {
  const { dev } = await stat(path);
  let top = path;
  while (dirname(top) !== top && (await stat(dirname(top))).dev === dev) top = dirname(top);
  return top;
}
