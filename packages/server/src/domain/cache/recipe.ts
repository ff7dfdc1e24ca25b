import { isCode } from '@towpath/contract';
import { join } from '../detect/files.ts';
import type { Kind, NoRecipe, Recipe, Site } from './kind.ts';
import { nodeKinds } from './node-installs.ts';
import { notKept } from './not-kept.ts';
import { pip } from './python-installs.ts';
import { pipenv, poetry } from './python-locks.ts';

/**
 * The install commands of which something is known; the first that takes a command counts. A new one whose folder can be kept needs two
 * things: what it makes is a function of the inputs alone, and holds no path of where it was made, or only where it can be written anew.
 */
const kinds: readonly Kind[] = [...nodeKinds, pip, poetry, pipenv, ...notKept];

/**
 * Is this a command whose result may come from the cache, or of which it is known why not? Depends on nothing else, so that a stage's
 * script stays the same.
 */
export function isCacheable(command: string): boolean {
  return kinds.some((kind) => kind.command.test(command));
}

/** The file that rules the command from the nearest folder upwards that has it; null: there is none of the kind. */
export function ruledBy(command: string): string | null {
  return kindOf(command)?.ruledBy ?? null;
}

/** Null: nothing is known about this command, there is no lock file, or a manifest that the command itself will complain of. */
export function recipeOf(command: string, site: Site): Recipe | NoRecipe | null {
  const text = (name: string) => site.commit.readLock(join(site.folder, name));
  try {
    return kindOf(command)?.read(text, command, site) ?? null;
  } catch (error) {
    if (isCode(error, 'unreadable_manifest')) return null;
    throw error;
  }
}

const kindOf = (command: string): Kind | undefined => kinds.find((kind) => kind.command.test(command));
