import { z } from 'zod';
import type { Span } from './spans.ts';

/**
 * What a lock file links to must be the members of the workspace, and these all: so the lock file, which the package manager itself wrote,
 * agrees with the search for members, or nothing is kept. Answers what is wrong, in plain words.
 */
export type CheckLinks = (lock: string, members: Span['members']) => string | null;

const others = 'links to folders of the repository that are not its workspaces';
const fewer = 'does not name every workspace';
const unknown = 'is not of the form that is known with workspaces';

const NpmLock = z.object({
  packages: z.record(z.string(), z.looseObject({ link: z.boolean().optional(), resolved: z.unknown().optional() })),
});

/** `packages` names by its place each package that is installed, and each folder that is linked: version 2 and later. */
export const npmLinks: CheckLinks = (lock, members) => {
  if (members.length === 0 && !/"link":\s*true/.test(lock)) return null;
  const read = NpmLock.safeParse(parsed(lock));
  if (!read.success) return unknown;
  const { packages } = read.data;
  const linked = new Set(Object.values(packages).flatMap((each) => (each.link === true ? [each.resolved] : [])));
  const known = new Set<unknown>(members);
  if ([...linked].some((each) => !known.has(each))) return others;
  if (linked.size < known.size) return fewer;
  const places = new Set(['', ...members]);
  return Object.keys(packages).every((path) => places.has(path) || places.has(holderOf(path) ?? '..')) ? null : others;
};

/** Of `packages/a/node_modules/b/node_modules/c` that is `packages/a`. Null: it goes up again, or is in no node_modules. */
function holderOf(path: string): string | null {
  if (path.split('/').some((step) => step === '..' || step === '.')) return null;
  if (path.startsWith('node_modules/')) return '';
  const cut = path.indexOf('/node_modules/');
  return cut < 0 ? null : path.slice(0, cut);
}

/** `importers` has a part for each member; see https://github.com/pnpm/spec/blob/master/lockfile/9.0.md */
export const pnpmLinks: CheckLinks = (lock, members) => {
  const known = new Set(['.', ...members]);
  const importers = new Set<string>();
  let importing = false;
  let importer = '.';
  for (const line of lock.split('\n')) {
    if (/^[^\s#]/.test(line)) {
      importing = line.startsWith('importers:');
      importer = '.';
    }
    const named = importing ? /^ {2}(\S.*):(?: \{\})?$/.exec(line)?.[1] : undefined;
    if (named !== undefined) {
      importer = named.replace(/^'(.*)'$/, '$1');
      importers.add(importer);
      if (!known.has(importer)) return others;
    }
    for (const [, path = ''] of line.matchAll(/(?:^|[ '"@(])link:([^\s'",)]*)/g)) {
      const end = reached(importer, path);
      if (end === null || end === '.' || !known.has(end)) return others;
    }
  }
  return members.every((member) => importers.has(member)) ? null : fewer;
};

/** Where the path leads from the folder; null: out of all. */
export function reached(folder: string, path: string): string | null {
  if (path.startsWith('/')) return null;
  const steps = folder === '.' ? [] : folder.split('/');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) return null;
  }
  return steps.join('/') || '.';
}

/** Yarn 1 names no folder of a workspace; those that it names otherwise make it unfit by their form. */
export const noLinks: CheckLinks = () => null;

export function parsed(text: string | null): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\ufeff/, ''));
  } catch {
    return null; // the install command says what is wrong with it
  }
}
