import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** The nearest folder, from this one upwards, in which something of this name lies; null: none. */
export async function nearestWith(folder: string, name: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await lstat(join(at, name)).catch(() => null)) !== null) return at;
    if (dirname(at) === at) return null;
  }
}

/** Is this path below the top itself, or does a link on the way lead elsewhere? */
export async function leadsStraight(top: string, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => null);
  return real !== null && real === join(await realpath(top), relative(top, path));
}
