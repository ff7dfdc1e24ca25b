import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalName } from '../../domain/cache/python-installs.ts';

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
