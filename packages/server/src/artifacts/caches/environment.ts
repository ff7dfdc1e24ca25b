import { constants } from 'node:fs';
import { access, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { normalName } from '../../domain/cache/python-installs.ts';

/** Scripts and settings of a virtual environment are small. */
const largestBytes = 1_048_576;
/** pip writes a line for longer paths in another form, which systems with short first lines need. */
const longestFirstLine = 127;

/**
 * Writes the path of its folder anew where a virtual environment holds it: in its settings and in the first lines of its programs; and the
 * path of the project where Pipenv noted it, and where Poetry leads to the project's own package. The folder is the caller's own. Compiled
 * files are no matter: Python mends their paths as it loads them. Throws where the environment would not work.
 */
export async function moveEnvironment(folder: string, from: string, to: string): Promise<void> {
  await access(join(folder, 'bin/python'), constants.X_OK).catch(() => {
    throw new Error(`the Python of ${from} is gone`);
  });
  const programs = (await readdir(join(folder, 'bin'))).map((name) => join('bin', name));
  for (const name of ['pyvenv.cfg', ...programs]) await rewrite(folder, name, [from, to]);
  for (const name of ['.project', ...(await ownPackage(folder))])
    await rewrite(folder, name, [dirname(from), dirname(to)]);
}

/** What Poetry writes for the package of the project itself: the way to its files, and the records of it. */
async function ownPackage(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const packages of await packageFolders(folder)) {
    for (const name of await readdir(join(folder, packages))) {
      if (name.endsWith('.pth')) found.push(join(packages, name));
      const source = join(packages, name, 'direct_url.json');
      if (name.endsWith('.dist-info') && (await lstat(join(folder, source)).catch(() => null)) !== null)
        found.push(source, join(packages, name, 'RECORD'));
    }
  }
  return found;
}

async function rewrite(folder: string, name: string, [from, to]: readonly [string, string]): Promise<void> {
  const path = join(folder, name);
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size > largestBytes) return;
  const [old = '', now = ''] = [from, to].map((each) => Buffer.from(each).toString('latin1'));
  const text = await readFile(path, 'latin1');
  if (!text.includes(old)) return;
  const moved = text.replaceAll(old, () => now);
  if (moved.startsWith('#!') && moved.indexOf('\n') > longestFirstLine)
    throw new Error(`${to} is too long a path for the first line of ${name}`);
  await writeFile(path, moved, 'latin1');
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
