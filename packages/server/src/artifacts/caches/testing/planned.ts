import { join } from 'node:path';
import type { CachePlan } from '../plan.ts';

export interface Planned extends CachePlan {
  /** Absolute; where the first of its folders goes. */
  readonly place: string;
}

/** The plan of an install in this folder, with members of a workspace. */
export function planned(key: string, root: string, members: readonly string[] = []): Planned {
  const folders = ['.', ...members].map((folder) => join(folder, 'node_modules'));
  return {
    ...{ key, root, folders, linked: members, place: join(root, 'node_modules'), lockfile: 'package-lock.json' },
    ...{ last: null, holders: null, linksOut: false, only: null },
  };
}
