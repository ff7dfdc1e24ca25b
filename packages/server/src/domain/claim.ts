import { isCode } from '@towpath/contract';

/**
 * A right to act on one thing, held by one execution of its workflow. Every execution (the first, and each recovery) takes a claim
 * with a higher epoch than all before; whoever keeps the effects (supervisor, store) refuses an older one.
 */
export interface Claim {
  /** `run/219` or `target/7`: the owner that the supervisor guards. */
  readonly scope: string;
  readonly epoch: number;
}

/** Raised by a guarded write or effect: somebody else has taken the thing over, so stop without leaving a trace. */
export class StaleClaim extends Error {
  constructor(claim: Claim) {
    super(`${claim.scope}: epoch ${claim.epoch} is no longer the newest`);
    this.name = 'StaleClaim';
  }
}

/** What a driver throws for an answer of whoever keeps the effects: `stale_epoch` becomes StaleClaim, all else stays as it is. */
export function asStale(error: unknown, claim: Claim): unknown {
  return isCode(error, 'stale_epoch') ? new StaleClaim(claim) : error;
}

/** The newest epoch of every scope, as whoever keeps the effects remembers it. */
export class Fence {
  readonly #newest = new Map<string, number>();

  /** Throws StaleClaim for an older epoch than the newest one that was seen; otherwise it is the newest from now on. */
  pass(claim: Claim): void {
    if (claim.epoch < (this.#newest.get(claim.scope) ?? 0)) throw new StaleClaim(claim);
    this.#newest.set(claim.scope, claim.epoch);
  }
}
