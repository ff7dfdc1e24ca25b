import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { FileView } from '../domain/detect/files.ts';

export type { FileView };

const maxBytes = 1_048_576;

/** Looks into a folder with hostile content: links that lead out of it, devices and pipes count as absent. */
export function viewFolder(folder: string): FileView {
  const find = (path: string): { real: string; bytes: number } | null => {
    try {
      const top = realpathSync(folder);
      const real = realpathSync(resolve(top, path));
      if (!real.startsWith(top + sep)) return null;
      const found = statSync(real);
      return found.isFile() ? { real, bytes: found.size } : null;
    } catch {
      return null; // absent, not allowed, a circle of links, no possible name: there is nothing to see
    }
  };
  return {
    exists: (path) => find(path) !== null,
    read(path) {
      const found = find(path);
      if (found === null) return null;
      if (found.bytes > maxBytes) throw new TowpathError('too_large', `${path} is larger than ${maxBytes} bytes`);
      return readFileSync(found.real, 'utf8');
    },
  };
}
