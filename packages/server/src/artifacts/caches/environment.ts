import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalName } from '../../domain/cache/python-installs.ts';

/** Scripts and settings of a virtual environment are small. */
const largestBytes = 1_048_576;
/** pip writes a line for longer paths in another form, which systems with short first lines need. */
const longestFirstLine = 127;

/**
 * Writes the path of its folder anew where a virtual environment holds it: in its settings and in the first lines of its programs. The
 * folder is the caller's own. Compiled files are no matter: Python mends their paths as it loads them.
 */
export async function moveEnvironment(folder: string, from: string, to: string): Promise<void> {
  const programs = (await readdir(join(folder, 'bin'))).map((name) => join('bin', name));
  const [old, now] = [from, to].map((path) => Buffer.from(path).toString('latin1'));
  if (old === undefined || now === undefined) return;
  for (const name of ['pyvenv.cfg', ...programs]) {
    const path = join(folder, name);
    const found = await lstat(path);
    if (!found.isFile() || found.size > largestBytes) continue;
    const text = await readFile(path, 'latin1');
    if (!text.includes(old)) continue;
    const moved = text.replaceAll(old, () => now);
    if (moved.startsWith('#!') && moved.indexOf('\n') > longestFirstLine)
      throw new Error(`${to} is too long a path for the first line of ${name}`);
    await writeFile(path, moved, 'latin1');
  }
}

/** Are these all the packages that are installed in the virtual environment? */
export async function holdsOnly(folder: string, names: readonly string[]): Promise<boolean> {
  const known = new Set(names);
  const pythons = await readdir(join(folder, 'lib')).catch(() => []);
  for (const python of pythons) {
    const installed = await readdir(join(folder, 'lib', python, 'site-packages')).catch(() => []);
    const others = installed.some((name) => {
      const [, found] = /^(.+)-[^-]+\.(?:dist-info|egg-info)$/.exec(name) ?? [];
      return (found !== undefined && !known.has(normalName(found))) || /\.(?:egg-link|egg)$/.test(name);
    });
    if (others) return false;
  }
  return pythons.length > 0;
}
