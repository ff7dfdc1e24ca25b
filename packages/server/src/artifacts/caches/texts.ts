import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Larger lock files are nobody's; reading them would only cost memory. */
const largestBytes = 16 * 1024 * 1024;

/** The texts of these files of a hostile folder, of those that are there; or the name of one that is no plain file of a bearable size. */
export async function readTexts(
  folder: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string> | { readonly odd: string }> {
  const texts = new Map<string, string>();
  for (const name of names) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (found === null) continue;
    if (!found.isFile() || found.size > largestBytes) return { odd: name };
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      texts.set(name, await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  }
  return texts;
}

/** Does a file of this name lie in any folder above this one? */
export async function liesAbove(folder: string, name: string): Promise<boolean> {
  for (let at = folder, up = dirname(at); up !== at; at = up, up = dirname(at)) {
    if ((await lstat(join(up, name)).catch(() => null)) !== null) return true;
  }
  return false;
}

/** Is this path below the top itself, or does a link on the way lead elsewhere? */
export async function leadsStraight(top: string, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => null);
  return real !== null && real === join(await realpath(top), relative(top, path));
}
