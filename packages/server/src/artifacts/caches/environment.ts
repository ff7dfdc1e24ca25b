import { constants } from 'node:fs';
import { access, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalName } from '../../domain/cache/python-installs.ts';

/** Throws where the Python is gone that a virtual environment was made with. */
export async function requirePython(folder: string): Promise<void> {
  await access(join(folder, 'bin/python'), constants.X_OK).catch(() => {
    throw new Error('the Python that made the environment is gone');
  });
}

/** Relative. */
async function packageFolders(folder: string): Promise<string[]> {
  const pythons = await readdir(join(folder, 'lib')).catch(() => []);
  const places = pythons.map((python) => join('lib', python, 'site-packages'));
  const there = await Promise.all(places.map((place) => lstat(join(folder, place)).catch(() => null)));
  return places.filter((_, index) => there[index]?.isDirectory());
}

/** Are these all the packages that are installed in the virtual environment? */
export async function holdsOnly(folder: string, names: readonly string[]): Promise<boolean> {
  const known = new Set(names);
  const places = await packageFolders(folder);
  for (const place of places) {
    const installed = await readdir(join(folder, place));
    const others = installed.some((name) => {
      const [, found] = /^(.+)-[^-]+\.(?:dist-info|egg-info)$/.exec(name) ?? [];
      return (found !== undefined && !known.has(normalName(found))) || /\.(?:egg-link|egg)$/.test(name);
    });
    if (others) return false;
  }
  return places.length > 0;
}
