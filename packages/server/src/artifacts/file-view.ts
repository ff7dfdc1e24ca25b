import { type Dirent, opendirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { FileView } from '../domain/detect/files.ts';

export type { FileView };

const maxBytes = 1_048_576;
const maxNames = 1_000;
/** Looked at in a folder; of one with more, any of them are shown. */
const maxEntries = 20_000;

/** Looks into a folder with hostile content: links that lead out of it, devices and pipes count as absent. */
export function viewFolder(folder: string): FileView {
  const find = (path: string): { real: string; found: Stats } | null => {
    try {
      const top = realpathSync(folder);
      const real = realpathSync(resolve(top, path));
      return real === top || real.startsWith(top + sep) ? { real, found: statSync(real) } : null;
    } catch {
      return null; // absent, not allowed, a circle of links, no possible name: there is nothing to see
    }
  };
  const file = (path: string) => {
    const there = find(path);
    return there?.found.isFile() ? there : null;
  };
  /** As it is listed; null for what counts as absent. */
  const name = (folder: string, entry: Dirent): string | null => {
    if (entry.isFile()) return entry.name;
    if (entry.isDirectory()) return `${entry.name}/`;
    const there = entry.isSymbolicLink() ? find(`${folder}/${entry.name}`) : null;
    if (there?.found.isFile()) return entry.name;
    return there?.found.isDirectory() ? `${entry.name}/` : null;
  };
  return {
    exists: (path) => file(path) !== null,
    read(path) {
      const there = file(path);
      if (there === null) return null;
      if (there.found.size > maxBytes) throw tooLarge(path);
      return readFileSync(there.real, 'utf8');
    },
    list(path) {
      const there = find(path);
      if (there === null || !there.found.isDirectory()) return [];
      const entries = entriesOf(there.real).sort((a, b) => (a.name < b.name ? -1 : 1));
      const names: string[] = [];
      for (const entry of entries) {
        const shown = name(there.real, entry);
        if (shown !== null) names.push(shown);
        if (names.length === maxNames) break;
      }
      return names;
    },
  };
}

function tooLarge(path: string): TowpathError {
  return new TowpathError('too_large', `${path} is larger than ${maxBytes} bytes`, {
    help: 'Nobody writes so much by hand: keep what is generated in a file of its own.',
  });
}

function entriesOf(folder: string): Dirent[] {
  const opened = opendirSync(folder);
  try {
    const entries: Dirent[] = [];
    for (let entry = opened.readSync(); entry !== null && entries.length < maxEntries; entry = opened.readSync()) {
      entries.push(entry);
    }
    return entries;
  } finally {
    opened.closeSync();
  }
}
