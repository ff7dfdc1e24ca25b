/** The text of a file at the top of the service's folder; null when there is none. */
export type ReadText = (name: string) => string | null;

/** What an install command makes out of what. */
export interface Recipe {
  /** Relative to the service's folder. */
  readonly folder: string;
  /** Which file says what is installed, for people. */
  readonly lockfile: string;
  /** Everything in the commit that the result depends on. */
  readonly inputs: readonly string[];
  /** Whose versions count. */
  readonly programs: readonly Program[];
  /** The file in the folder that is written last, for the time that it took; null: there is none. */
  readonly last: string | null;
  /** The files in it, by their paths in it, that may hold where it lies, which is written anew into each copy. Null: none does. */
  readonly holders: RegExp | null;
  /** Absolute links may lead out of it. */
  readonly linksOut: boolean;
  /** Python packages by their normal names: only a folder with no other one is kept. Null: whatever is in it was named by the lock file. */
  readonly only: readonly string[] | null;
}

export type Program = 'node' | 'yarn' | 'bun' | 'pnpm' | 'python3';

export interface NoRecipe {
  /** Why the result cannot be kept, in plain words. */
  readonly refused: string;
}

export interface Kind {
  readonly command: RegExp;
  readonly read: (text: ReadText, command: string) => Recipe | NoRecipe | null;
  /** The files that it asks for. */
  readonly files: (command: string) => readonly string[];
  /** A file of this name in a folder further up makes another thing of the command; why that is not kept. */
  readonly above?: { readonly name: string; readonly refused: string };
}
