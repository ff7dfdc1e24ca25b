import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAlive } from '../alive.ts';
import { removeTree } from '../tree.ts';

/** Folders of work in progress. Their names tell which process they belong to, so that those of dead ones are found. */
export interface Parts {
  /** A path of an own, with nothing there. */
  fresh(): Promise<string>;
  /** Lends a folder of an own, which does not exist yet, and removes it after the work, however that ends. */
  lend<T>(work: (path: string) => Promise<T>): Promise<T>;
  /** Takes a folder out of everybody's sight, then removes it. False: it was gone, another one was faster. */
  discard(path: string): Promise<boolean>;
  /** Removes what dead processes left. */
  sweep(): Promise<void>;
}

const nameForm = /^(\d+)-[0-9a-f]{12}$/;

/** `root` is absolute. */
export function openParts(root: string): Parts {
  // In a container a restarted server has the number of the one before.
  const mine = new Set<string>();
  const fresh = async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const name = `${process.pid}-${randomBytes(6).toString('hex')}`;
    mine.add(name);
    return join(root, name);
  };
  return {
    fresh,
    async lend(work) {
      const path = await fresh();
      try {
        return await work(path);
      } finally {
        // What cannot be removed now is found by a later sweep.
        await removeTree(path).catch(() => {});
        mine.delete(basename(path));
      }
    },
    async discard(path) {
      const trash = await fresh();
      try {
        await rename(path, trash);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
        throw error;
      }
      await removeTree(trash);
      return true;
    },
    async sweep() {
      for (const name of await readdir(root).catch(() => [])) {
        const pid = Number(nameForm.exec(name)?.[1] ?? Number.NaN);
        if (Number.isNaN(pid) || mine.has(name) || (pid !== process.pid && isAlive(pid))) continue;
        await removeTree(join(root, name));
      }
    },
  };
}
