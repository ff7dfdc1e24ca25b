/** What a commit says of itself. */
export interface CommitDescription {
  /** Its subject: the first paragraph, on one line. */
  readonly message: string;
  readonly author: string;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Where commits come from. A written contract; conformance.ts holds every driver to it.
 *
 * - A repository is named `<project>/<service>`; anything else throws `bad_request`.
 * - All calls are idempotent and may be made by several servers at once.
 * - Reading from a repository that was never prepared gives what an empty one gives.
 */
export interface Source {
  /** Makes the place that pushes go to, or leaves it as it is. */
  prepare(repository: string): Promise<void>;
  /** Where the branch stands; null when there is no such branch. */
  head(repository: string, branch: string): Promise<string | null>;
  branches(repository: string): Promise<{ branch: string; commit: string }[]>;
  /**
   * A full commit id with these of its files (paths from the top, with `/`), as far as there are such, up to 1 MiB each; null when it is
   * unknown. All of it is hostile text; author and message together are cut at 8 KiB.
   */
  describe(repository: string, commit: string, files?: readonly string[]): Promise<CommitDescription | null>;
  /**
   * The paths of all files that differ between two commits, given by full ids; a file that was moved counts with both. Null when it is not
   * known: one of the commits is not there any more, or more than 1 MiB of paths differ.
   */
  changed(repository: string, before: string, after: string): Promise<string[] | null>;
  /** The commit for a full commit id, branch, tag or abbreviated id, tried in this order; null when there is none. */
  resolve(repository: string, name: string): Promise<string | null>;
  /**
   * Puts the commit's files, and nothing else, into the absolute folder; other things that were there are removed. Submodules are not
   * fetched, nothing of the commit is executed. The driver keeps a top-level `.git` folder for itself.
   *
   * The files appear all at once or not at all, whatever dies. A folder that got the same commit before is left as it is, with all that a
   * build has done to it since: a server that was taken for dead harms nothing. Who wants it fresh removes it first.
   * Throws `unknown_commit`, `too_large`, `disk_full`.
   */
  checkout(repository: string, commit: string, folder: string): Promise<void>;
}
