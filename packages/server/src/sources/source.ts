/**
 * Where commits come from. A written contract; conformance.ts holds every driver to it.
 * All calls are idempotent; a repository is named by `<project>/<service>`.
 */
export interface Source {
  /** Makes the place that pushes go to, or leaves it as it is. */
  prepare(repository: string): Promise<void>;
  /** Where the branch stands; null when there is no such branch. */
  head(repository: string, branch: string): Promise<string | null>;
  branches(repository: string): Promise<{ branch: string; commit: string }[]>;
  /** Subject line and author of a commit; null when it is unknown. Both are hostile text. */
  describe(repository: string, commit: string): Promise<{ message: string; author: string } | null>;
  /** The commit for a branch, tag or (abbreviated) commit id; null when there is none. */
  resolve(repository: string, name: string): Promise<string | null>;
  /** Puts the commit's files, and nothing else, into the folder; what was there before is removed. Submodules are not fetched. */
  checkout(repository: string, commit: string, folder: string): Promise<void>;
}
