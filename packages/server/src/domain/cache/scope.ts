/** Whose entries these are: those that the service's trusted branches share, or those of one other branch. */
export interface CacheScope {
  readonly service: number;
  /** Null: the trusted branches. */
  readonly branch: string | null;
}

export interface CacheScopes {
  /** Looked through in this order. */
  readonly reads: readonly CacheScope[];
  readonly writes: CacheScope;
}

/** A branch is trusted when an environment follows it: who may push there may bring code live anyway. */
export function isTrusted(branch: string, bound: readonly string[]): boolean {
  return bound.includes(branch);
}

/**
 * What a run may read and where it writes. Trusted ones see nothing that another branch wrote; the others may read what trusted ones
 * kept, but write for themselves. Services share nothing.
 */
export function cacheScopes(run: { service: number; branch: string; trusted: boolean }): CacheScopes {
  const shared: CacheScope = { service: run.service, branch: null };
  if (run.trusted) return { reads: [shared], writes: shared };
  const own: CacheScope = { service: run.service, branch: run.branch };
  return { reads: [own, shared], writes: own };
}
