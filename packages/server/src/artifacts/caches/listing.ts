import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface TreeListing {
  /** Of the files' contents. */
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** What the entry must not hold: a link that leads elsewhere, a pipe, a device. Null: nothing of the kind. */
  readonly refused: string | null;
  /**
   * Changes with every write to anything below, without reading the contents: the system sets a change time whenever a file is written,
   * renamed, linked or given other permissions, and no program can set it back.
   */
  readonly seal: string;
}

/** Folders and files at once: enough for the few threads of the file system. */
const lanes = 16;

export interface Wanted {
  /** Relative to the top. */
  readonly folders: readonly string[];
  /** Relative links may lead into the folders, and to these. */
  readonly linked?: readonly string[];
  /** Absolute links may lead elsewhere, as those of a virtual environment to its Python do. */
  readonly linksOut?: boolean;
}

/** Looks at everything below the folders, not at the folders themselves: they may be renamed as wholes. Throws the system's errors. */
export async function listTree(top: string, wanted: Wanted): Promise<TreeListing> {
  const { folders: roots, linked = [], linksOut = false } = wanted;
  const ends = new Set([...roots, ...linked].map((folder) => join(top, folder)));
  const isInside = (path: string): boolean => {
    for (let at = path; at.length > top.length; at = dirname(at)) if (ends.has(at)) return true;
    return false;
  };
  const lines: string[] = [];
  let bytes = 0;
  let refused: string | null = null;
  const look = async (path: string, entry: Dirent): Promise<void> => {
    const { mode, size, ino, ctimeNs, mtimeNs } = await lstat(path, { bigint: true });
    // A folder's size and times say nothing that its entries don't.
    lines.push(entry.isDirectory() ? `${path} ${mode} ${ino}` : `${path} ${mode} ${ino} ${size} ${ctimeNs} ${mtimeNs}`);
    if (entry.isFile()) bytes += Number(size);
    else if (entry.isSymbolicLink()) {
      const target = await readlink(path);
      const inside = isInside(resolve(dirname(path), target));
      if (target.startsWith('/') ? !linksOut || inside : !inside) refused = path;
    } else if (!entry.isDirectory()) refused = path;
  };

  const folders = roots.map((folder) => join(top, folder));
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const place = folder;
    const entries = (await readdir(place, { withFileTypes: true })).values();
    const work = async () => {
      for (const entry of entries) {
        const path = join(place, entry.name);
        if (entry.isDirectory()) folders.push(path);
        await look(path, entry);
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
  }
  const hash = createHash('sha256');
  const skip = top.length + 1;
  for (const line of lines.map((each) => each.slice(skip)).sort()) hash.update(line).update('\0');
  return { bytes, entries: lines.length, refused, seal: hash.digest('hex') };
}
