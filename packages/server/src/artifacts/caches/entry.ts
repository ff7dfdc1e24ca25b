import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Parts } from '../parts.ts';
import { copyTree } from './copy.ts';
import { listTree, type TreeListing } from './listing.ts';
import { findHolders } from './moving.ts';

const Record = z.object({
  bytes: z.int().nonnegative(),
  /** Files, folders and links. */
  entries: z.int().positive(),
  /** What the install took that made it, in ms; null: unknown. */
  installMs: z.number().nullable(),
  /** The files in it that name folders where it was made, by their paths in it. */
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
 *   tree/         the installed folder; only ever copied
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

export interface Making extends Pick<EntryRecord, 'installMs' | 'named'> {
  readonly maxBytes: number;
  readonly linksOut: boolean;
  /** Files whose path is like that may name folders; null: none does. */
  readonly like: RegExp | null;
}

/** Makes an entry at the part's place out of an installed folder; null when it holds what no entry may. */
export async function makeEntry(
  part: string,
  from: string,
  { installMs, maxBytes, linksOut, like, named }: Making,
): Promise<EntryRecord | null> {
  const before = await listTree(from, { linksOut });
  if (before.refused !== null || before.bytes > maxBytes || before.entries === 0) return null;
  await mkdir(sparesOf(part), { recursive: true, mode: 0o700 });
  const { seal, bytes, entries } = await copied(from, treeOf(part), before);
  const holders = like === null ? [] : await findHolders(treeOf(part), like, named);
  const record = { bytes, entries, installMs, holders, named, seal };
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
export async function takeSpare(entry: string, parts: Parts): Promise<string | null> {
  for (const name of await spareNames(entry)) {
    const part = await parts.fresh();
    const taken = await rename(join(sparesOf(entry), name), part).then(
      () => true,
      () => false, // another run was faster
    );
    if (!taken) continue;
    if ((await listTree(part)).seal === name.split('-')[0]) return part;
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
  if ((await listTree(treeOf(entry))).seal !== record.seal) throw new Tampered(`${entry} was changed`);
  return copied(treeOf(entry), to, record, behind);
}

/** A folder whose files are being removed looks like a smaller one to whoever copies it: so it is counted. */
async function copied(
  from: string,
  to: string,
  wanted: Pick<TreeListing, 'bytes' | 'entries'>,
  behind = false,
): Promise<TreeListing> {
  await copyTree(from, to, { behind });
  const listing = await listTree(to);
  if (listing.bytes === wanted.bytes && listing.entries === wanted.entries) return listing;
  throw new Error(`${from} changed while it was copied`);
}
