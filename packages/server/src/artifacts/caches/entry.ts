import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Parts } from '../parts.ts';
import { copyTree } from './copy.ts';
import { listTree, type TreeListing, type Wanted } from './listing.ts';
import { findHolders } from './moving.ts';

const Record = z.object({
  /** What was installed, relative to the root of the install: those that were made. */
  folders: z.array(z.string()).min(1),
  bytes: z.int().nonnegative(),
  /** Files, folders and links. */
  entries: z.int().positive(),
  /** What the install took that made it, in ms; null: unknown. */
  installMs: z.number().nullable(),
  /** The files of the tree that name folders where it was made, by their paths in it. */
  holders: z.array(z.string()),
  /** Those folders, as `namedFolders` tells them. */
  named: z.array(z.string()),
  /** Of `tree`; see listing.ts. */
  seal: z.string(),
});
export type EntryRecord = z.infer<typeof Record>;

/**
 * One entry, a folder that appears and goes as a whole, by renaming:
 *
 *   entry.json    what it is; its time is when it was last used
 *   tree/         the installed folders, by their paths from the root of the install; only ever copied
 *   spares/<seal>-…/  copies that are ready to be taken, by renaming: each is given to one run
 *
 * Nothing is synced: a power failure leaves files that are shorter than their seal says, or no readable entry.json.
 */
const treeOf = (entry: string): string => join(entry, 'tree');
const recordOf = (entry: string): string => join(entry, 'entry.json');
const sparesOf = (entry: string): string => join(entry, 'spares');

/** Null when it is gone, or not readable. */
export async function readRecord(entry: string): Promise<EntryRecord | null> {
  try {
    return Record.parse(JSON.parse(await readFile(recordOf(entry), 'utf8')));
  } catch {
    return null;
  }
}

/** Null when it is gone. */
export async function usedAt(entry: string): Promise<number | null> {
  return stat(recordOf(entry)).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

export async function touch(entry: string): Promise<void> {
  const now = new Date();
  await utimes(recordOf(entry), now, now).catch(() => {}); // gone meanwhile
}

export interface Making extends Pick<EntryRecord, 'folders' | 'installMs' | 'named'>, Wanted {
  readonly folders: string[];
  readonly maxBytes: number;
  /** Files whose path in their folder is like that may name folders; null: none does. */
  readonly like: RegExp | null;
}

/** Makes an entry at the part's place out of the folders that were installed; null when they hold what no entry may. */
export async function makeEntry(part: string, root: string, making: Making): Promise<EntryRecord | null> {
  const { folders, installMs, maxBytes, like, named } = making;
  const before = await listTree(root, making);
  if (before.refused !== null || before.bytes > maxBytes || before.entries === 0) return null;
  await mkdir(sparesOf(part), { recursive: true, mode: 0o700 });
  const tree = treeOf(part);
  for (const folder of folders) {
    await mkdir(dirname(join(tree, folder)), { recursive: true });
    await copyTree(join(root, folder), join(tree, folder));
  }
  const { seal, bytes, entries } = await counted(root, tree, folders, before);
  const holders = like === null ? [] : await findHolders(tree, { folders, like }, named);
  const record = { folders, bytes, entries, installMs, holders, named, seal };
  await writeFile(recordOf(part), `${JSON.stringify(record)}\n`);
  return record;
}

export async function spareNames(entry: string): Promise<string[]> {
  return readdir(sparesOf(entry)).catch(() => []);
}

/** Lays another copy ready. Whoever is killed meanwhile leaves a part, never half a copy. */
export async function addSpare(entry: string, parts: Parts): Promise<void> {
  const part = await parts.fresh();
  try {
    const { seal } = await wholeCopy(entry, part, { behind: true });
    await rename(part, join(sparesOf(entry), `${seal}-${randomBytes(4).toString('hex')}`));
  } catch (error) {
    await parts.discard(part);
    throw error;
  }
}

/** Takes a copy that lies ready: the path where it is now, for the caller alone. Null: there is none that is as it was made. */
export async function takeSpare(
  entry: string,
  { folders }: Pick<EntryRecord, 'folders'>,
  parts: Parts,
): Promise<string | null> {
  for (const name of await spareNames(entry)) {
    const part = await parts.fresh();
    const taken = await rename(join(sparesOf(entry), name), part).then(
      () => true,
      () => false, // another run was faster
    );
    if (!taken) continue;
    if ((await listTree(part, { folders })).seal === name.split('-')[0]) return part;
    await parts.discard(part);
  }
  return null;
}

/** The entry's tree is not what was sealed. */
export class Tampered extends Error {}

/** Copies the entry's tree. Throws `Tampered`, and when not all of it was copied because the entry was removed meanwhile. */
export async function wholeCopy(entry: string, to: string, { behind = false } = {}): Promise<TreeListing> {
  const record = await readRecord(entry);
  if (record === null) throw new Error(`${entry} is gone`);
  const tree = treeOf(entry);
  if ((await listTree(tree, record)).seal !== record.seal) throw new Tampered(`${entry} was changed`);
  await copyTree(tree, to, { behind });
  return counted(tree, to, record.folders, record);
}

/** A folder whose files are being removed looks like a smaller one to whoever copies it: so the copy is counted. */
async function counted(
  from: string,
  copy: string,
  folders: readonly string[],
  wanted: Pick<TreeListing, 'bytes' | 'entries'>,
): Promise<TreeListing> {
  const listing = await listTree(copy, { folders });
  if (listing.bytes === wanted.bytes && listing.entries === wanted.entries) return listing;
  throw new Error(`${from} changed while it was copied`);
}
