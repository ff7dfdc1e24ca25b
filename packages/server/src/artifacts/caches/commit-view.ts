import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitView } from '../../domain/cache/kind.ts';
import { folderOf } from '../../domain/detect/files.ts';

/** Nobody writes more by hand; lock files are longer, but beyond their bound nobody's. */
const largest = { manifest: 1, lock: 16 } as const;
const mebibyte = 1024 * 1024;
/** Names in a folder: the search for members shows no more. */
const maxNames = 1_000;

/** A file of the commit that is not what it should be; the message tells which, for people. */
export class OddFile extends Error {}

/** Looks into a checkout with hostile content, from its top. Throws `OddFile` for what is there, but behind a link, no file, or too large. */
export function viewCommit(top: string): CommitView {
  const straight = new Map<string, boolean>([['.', true]]);
  /** Is it a folder, and all on the way to it? */
  const isStraight = (folder: string): boolean => {
    const known = straight.get(folder);
    if (known !== undefined) return known;
    const is = isStraight(folderOf(folder)) && lstatSync(join(top, folder)).isDirectory();
    straight.set(folder, is);
    return is;
  };
  const find = (path: string): Stats | null => {
    if (path.startsWith('/') || path.split('/').includes('..')) return null;
    const found = look(join(top, path));
    if (found !== null && !isStraight(folderOf(path)))
      throw new OddFile(`${folderOf(path)} is, or lies behind, a link`);
    return found;
  };
  const read = (path: string, mebibytes: number): string | null => {
    const found = find(path);
    if (found === null) return null;
    if (!found.isFile() || found.size > mebibytes * mebibyte)
      throw new OddFile(`${path} is no plain file of at most ${mebibytes} MiB`);
    const file = openSync(join(top, path), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  };
  return {
    exists: (path) => {
      const found = find(path);
      if (found?.isSymbolicLink()) throw new OddFile(`${path} is a link`);
      return found?.isFile() === true;
    },
    read: (path) => read(path, largest.manifest),
    readLock: (path) => read(path, largest.lock),
    program: (path) => {
      const text = read(path, largest.lock);
      if (text === null) return 'none';
      const executable = (lstatSync(join(top, path)).mode & constants.S_IXUSR) !== 0;
      return executable && !/^#![^\n]*\r/.test(text) ? 'ready' : 'unready';
    },
    list: (folder) => {
      const found = find(folder);
      if (found?.isSymbolicLink()) throw new OddFile(`${folder} is a link`);
      if (found?.isDirectory() !== true) return [];
      const entries = readdirSync(join(top, folder), { withFileTypes: true });
      if (entries.length > maxNames) throw new OddFile(`${folder} has more than ${maxNames} entries`);
      // A link to a folder is shown as one, so that whoever looks for something in it hears of the link.
      const isFolder = (name: string) => look(join(top, folder, name), statSync)?.isDirectory() === true;
      return entries
        .map((each) =>
          each.isDirectory() || (each.isSymbolicLink() && isFolder(each.name)) ? `${each.name}/` : each.name,
        )
        .sort();
    },
  };
}

/** Null: it is not there, not allowed, in a circle of links, or no possible name. */
function look(path: string, how: (path: string) => Stats = lstatSync): Stats | null {
  try {
    return how(path);
  } catch {
    return null;
  }
}
