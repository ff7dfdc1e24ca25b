/** A release as far as a rollback cares. */
export interface Candidate {
  readonly id: number;
  readonly version: number;
  readonly artifactDigest: string;
  readonly commit: string;
  readonly copiedFrom: number | null;
}

export type Found<R> =
  | { readonly release: R }
  | {
      readonly release: null;
      readonly code: 'unknown_release' | 'nothing_to_roll_back_to' | 'same_release';
      readonly reason: string;
    };

/**
 * The release to go back to. By version or commit when one is named; else the last one that was live before the current one. When the
 * current one is itself a rollback, "before" counts from the release that it copies, so that a second rollback goes one further
 * back instead of forward again.
 *
 * @param releases of one target, newest first
 * @param history ids of releases that went live, newest first
 * @param current what users get
 * @param settled nothing else is on its way: going to the current one would change nothing
 */
export function rollbackTo<R extends Candidate>(
  releases: readonly R[],
  history: readonly number[],
  current: R,
  wish: { readonly version?: number | undefined; readonly commit?: string | undefined },
  settled: boolean,
): Found<R> {
  if (wish.version !== undefined || wish.commit !== undefined) {
    const { version, commit } = wish;
    const named = releases.find(
      (each) =>
        (version === undefined || each.version === version) && (commit === undefined || each.commit.startsWith(commit)),
    );
    const name = version === undefined ? `of commit ${commit}` : `v${version}`;
    if (named === undefined) return { release: null, code: 'unknown_release', reason: `there is no release ${name}` };
    if (named.id === current.id && settled) return { release: null, code: 'same_release', reason: `${name} is live` };
    return { release: named };
  }
  const byId = new Map(releases.map((each) => [each.id, each]));
  let origin: R = current;
  while (origin.copiedFrom !== null) {
    const copied = byId.get(origin.copiedFrom);
    if (copied === undefined) break;
    origin = copied;
  }
  const before = history.map((id) => byId.get(id)).find((each) => each !== undefined && each.version < origin.version);
  if (before === undefined)
    return { release: null, code: 'nothing_to_roll_back_to', reason: `nothing was live before v${origin.version}` };
  return { release: before };
}
