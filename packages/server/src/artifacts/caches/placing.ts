import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from '../../tree.ts';

/**
 * Several folders of one install get to their places all or none, though each is renamed on its own. In the first lies, by its path, each
 * other one that is not at its place yet:
 *
 *   <root>/node_modules/.towpath-waiting/packages/a/node_modules
 *
 * So the renaming of the first brings all of them; what follows is done again by whoever comes after a crash. The folder goes last, and
 * while it is there, not all is.
 */
const waiting = '.towpath-waiting';

type Folders = readonly string[];

function split(folders: Folders): { main: string; others: Folders } {
  const [main, ...others] = folders;
  if (main === undefined) throw new Error('no folder to place');
  return { main, others };
}

/** Did somebody die while the folders were put there? */
export async function isHalfPlaced(root: string, folders: Folders): Promise<boolean> {
  const found = await lstat(join(root, split(folders).main, waiting)).catch(() => null);
  return found?.isDirectory() === true;
}

/** Makes the tree, which is the caller's own, ready to be placed by one renaming. */
export async function pack(tree: string, folders: Folders): Promise<void> {
  const { main, others } = split(folders);
  const aside = join(tree, main, waiting);
  for (const folder of others) await move(join(tree, folder), join(aside, folder));
}

/** Puts the folders of a packed tree into the root. When one of them cannot get there, none stays there: throws why. */
export async function placeTree(tree: string, root: string, folders: Folders): Promise<void> {
  const { main } = split(folders);
  // Where something lies, the system refuses.
  await rename(join(tree, main), join(root, main));
  await finishPlacing(tree, root, folders);
}

/** Places what waits in the first folder, which is at its place. When that fails, the tree gets all of it back: throws why. */
export async function finishPlacing(tree: string, root: string, folders: Folders): Promise<void> {
  const { main, others } = split(folders);
  const aside = join(root, main, waiting);
  const left: string[] = [];
  for (const folder of others) if (await isThere(join(aside, folder))) left.push(folder);
  try {
    for (const folder of left) await rename(join(aside, folder), join(root, folder));
    await removeTree(aside);
  } catch (error) {
    for (const folder of others)
      if (!(await isThere(join(aside, folder)))) await move(join(root, folder), join(aside, folder)).catch(() => {}); // was in none
    await move(join(root, main), join(tree, main));
    throw error;
  }
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
