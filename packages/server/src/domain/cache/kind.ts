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
  /** The program whose version counts as well; null: none but Node. */
  readonly program: string | null;
  /** The file in the folder that is written last, for the time that it took; null: there is none. */
  readonly last: string | null;
}

export interface NoRecipe {
  /** Why the result cannot be kept, in plain words. */
  readonly refused: string;
}

export interface Kind {
  readonly command: RegExp;
  readonly read: (text: ReadText) => Recipe | NoRecipe | null;
  /** The files that it asks for. */
  readonly files: readonly string[];
}
