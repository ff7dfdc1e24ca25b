import type { FileView } from '../detect/files.ts';

/**
 * What recipes look at: the files of a commit, by their paths from its top. Whatever is behind a link, no plain file, or larger than
 * anybody's makes it throw, and then nothing is kept.
 */
export interface CommitView extends FileView {
  /** Like `read`, for files that programs write: they may be much longer. */
  readonly readLock: (path: string) => string | null;
  /** How a file is there that package managers make a program of. `unready`: they would change the file itself for that. */
  readonly program: (path: string) => 'none' | 'ready' | 'unready';
}

/** Where an install command runs. */
export interface Site {
  readonly commit: CommitView;
  /** Of the service, from the top of the commit; `.` for the top. */
  readonly folder: string;
}

/** The text of a file at the top of the service's folder; null when there is none. */
export type ReadText = (name: string) => string | null;

/** What an install command makes, and where. */
export interface Made {
  /** Relative to the root. The first is always made; the others only where there is something to put in. None lies in another. */
  readonly folders: readonly string[];
  /** Folders of the commit that relative links may lead to, relative to the root: the members of a workspace. */
  readonly linked: readonly string[];
  /** Which file says what is installed, for people. */
  readonly lockfile: string;
  /** The file in the first folder that is written last, for the time that it took; null: there is none. */
  readonly last: string | null;
  /** The files in a folder, by their paths in it, that may hold where it lies, which is written anew into each copy. Null: none does. */
  readonly holders: RegExp | null;
  /** Absolute links may lead out of it. */
  readonly linksOut: boolean;
  /** Python packages by their normal names: only a folder with no other one is kept. Null: whatever is in it was named by the lock file. */
  readonly only: readonly string[] | null;
}

/** What an install command makes out of what. */
export interface Recipe extends Made {
  /** From the service's folder: `.`, or the way up to the folder that declares its workspace. */
  readonly root: string;
  /** Everything in the commit that the result depends on. */
  readonly inputs: readonly string[];
  /** Whose versions count. */
  readonly programs: readonly Program[];
}

export type Program = 'node' | 'yarn' | 'bun' | 'pnpm' | 'python3';

export interface NoRecipe {
  /** Why the result cannot be kept, in plain words. */
  readonly refused: string;
}

export interface Kind {
  readonly command: RegExp;
  readonly read: (text: ReadText, command: string, site: Site) => Recipe | NoRecipe | null;
  /** The first file of this name, from the folder upwards, rules the command: one that lies outside of the commit is not looked at. */
  readonly ruledBy?: string;
}
