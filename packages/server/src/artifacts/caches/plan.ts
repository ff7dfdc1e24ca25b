import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Made, NoRecipe } from '../../domain/cache/kind.ts';
import { isCacheable, recipeOf, ruledBy } from '../../domain/cache/recipe.ts';
import { OddFile, viewCommit } from './commit-view.ts';
import { cacheKey } from './key.ts';
import { isHalfPlaced } from './placing.ts';
import { leadsStraight, nearestWith } from './straight.ts';
import type { toolchainOf } from './toolchain.ts';

export interface CachePlan extends Made {
  readonly key: string;
  /** Absolute; what the folders are relative to. */
  readonly root: string;
}

/** A command in a folder of a checkout. */
export interface Install {
  /** Absolute; the top of the checkout. */
  readonly top: string;
  /** From the top; `.` for the top itself. */
  readonly folder: string;
  readonly command: string;
  /** Variables for it, over those that all inherit. */
  readonly own?: Readonly<Record<string, string>>;
}

export interface Planning {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly toolchain: typeof toolchainOf;
}

/** What is wished for the install, or why nothing is kept. Null: nobody knows how to keep this command's result. */
export async function planOf(
  { top, folder, command, own = {} }: Install,
  { dataDir, env, toolchain }: Planning,
): Promise<CachePlan | NoRecipe | null> {
  if (!isCacheable(command)) return null;
  const place = join(top, folder);
  if (!(await leadsStraight(dataDir, place))) return null;
  const ruler = ruledBy(command);
  const ruling = ruler === null ? null : await nearestWith(place, ruler);
  if (ruling !== null && ruling !== top && !ruling.startsWith(`${top}/`))
    return { refused: `${ruler} lies in a folder above the checkout` };
  const recipe = attempt(() => recipeOf(command, { commit: viewCommit(top), folder }));
  if (recipe === null || 'refused' in recipe) return recipe;
  const { root: way, programs, inputs, ...made } = recipe;
  const root = join(place, way);
  const there = await firstThere(root, made.folders);
  if (there !== null && !(await isHalfPlaced(root, made.folders))) return { refused: `${there} lies there already` };
  const machine = await toolchain(place, { env, own, programs });
  if (machine === null) return null;
  return { ...made, root, key: cacheKey({ toolchain: machine, command, recipe }) };
}

/** The first of the folders where something is; null: nowhere. */
export async function firstThere(root: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    if ((await lstat(join(root, folder)).catch(() => null)) !== null) return folder;
  }
  return null;
}

function attempt<T>(work: () => T): T | NoRecipe {
  try {
    return work();
  } catch (error) {
    if (error instanceof OddFile) return { refused: error.message };
    throw error;
  }
}
