import { lstat, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Scripts and settings are smaller; larger ones are compiled programs. */
const largestBytes = 16 * 1024 * 1024;
/** In bytes: what Linux reads of a first line, and what package managers keep to. */
const longestFirstLine = 127;
/** Files at once: enough for the few threads of the file system. */
const lanes = 16;

/** The folders that an install from this root may name in its files: the root, by both names that it may know it by, and the downloads. */
export async function namedFolders(root: string, downloads: string): Promise<string[]> {
  return [root, await realpath(root), downloads];
}

export interface Searched {
  /** In the tree. */
  readonly folders: readonly string[];
  /** Files whose path in their folder is like that. */
  readonly like: RegExp;
}

/** The files of the tree, by their paths in it, that are wanted and name one of these folders. */
export async function findHolders(
  tree: string,
  { folders, like }: Searched,
  names: readonly string[],
): Promise<string[]> {
  const named = naming(names);
  const paths: string[] = [];
  for (const folder of folders) {
    const top = join(tree, folder);
    // Not without the types: it would then follow links, and those of pnpm lead in circles.
    const files = (await readdir(top, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    const inside = files.map((each) => relative(top, join(each.parentPath, each.name)));
    paths.push(...inside.filter((path) => like.test(path)).map((path) => join(folder, path)));
  }
  const holders: string[] = [];
  await eachOf(paths, async (path) => {
    if ((await textOf(join(tree, path)))?.match(named)) holders.push(path);
  });
  return holders.sort();
}

/**
 * Names the folders `to` where these files of the tree name the folders `from`, one for one. The tree is the caller's own. Throws when the
 * first line of a program would become too long.
 */
export async function moveHolders(
  tree: string,
  holders: readonly string[],
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  const named = naming(from);
  const now = new Map(from.map((folder, index) => [bytes(folder), bytes(to[index] ?? folder)]));
  await eachOf(holders, async (name) => {
    const path = join(tree, name);
    const text = await textOf(path);
    if (text === null) return;
    const moved = text.replaceAll(named, (found) => now.get(found) ?? found);
    if (moved.startsWith('#!') && moved.indexOf('\n') > longestFirstLine)
      throw new Error(`${to[0]} is too long a path for the first line of ${name}`);
    await writeFile(path, moved, 'latin1');
  });
}

/** A text of which each character is a byte: names of folders are in no encoding for sure. */
async function textOf(path: string): Promise<string | null> {
  const found = await lstat(path);
  return found.isFile() && found.size <= largestBytes ? readFile(path, 'latin1') : null;
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

/** Any of the folders, but not the beginning of another one's name. The longer first: one may lie in the other. */
function naming(folders: readonly string[]): RegExp {
  const texts = folders.map(bytes).sort((a, b) => b.length - a.length);
  const escaped = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?:${escaped.join('|')})(?![\\w.-])`, 'g');
}

async function eachOf(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const left = paths.values();
  const lane = async () => {
    for (const path of left) await work(path);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
