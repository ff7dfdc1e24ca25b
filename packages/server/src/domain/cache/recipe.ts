import type { Kind, NoRecipe, ReadText, Recipe } from './kind.ts';
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

/** What must not lie in any folder further up. */
export function recipeAbove(command: string): Kind['above'] | null {
  return kinds.find((kind) => kind.command.test(command))?.above ?? null;
}

/** Null: nothing is known about this command, or there is no lock file. */
export function recipeOf(command: string, text: ReadText): Recipe | NoRecipe | null {
  return kinds.find((kind) => kind.command.test(command))?.read(text, command) ?? null;
}

/** All files that this command's recipe may ask for. */
export function recipeFiles(command: string): readonly string[] {
  return kinds.find((kind) => kind.command.test(command))?.files(command) ?? [];
}
