import type { Address } from '@towpath/contract/router';
import type { Claim } from '../domain/claim.ts';

/**
 * Where releases run. A written contract; conformance.ts holds every driver to it.
 *
 * - `apply` is declarative for one target: releases that are listed come to their replica count, those that are not are stopped
 *   gracefully (stop signal, then after drainMs by force). Applying the same again changes nothing. It resolves when the wish is
 *   recorded and will come true whatever dies now; `observe` tells how far it is.
 * - Apply again while waiting for replicas: it also mends what only it can (a port that a stranger took before the first start).
 * - A release is immutable: its replicas are never restarted because of an apply that repeats it.
 * - A replica keeps its id and address over restarts of itself and of every part of Towpath. One that was stopped never comes back: a
 *   release that is wanted again gets new replicas at once, with other ids, also while the old ones still finish.
 * - Ended replicas stay observable (`stopped`) with their logs for a while; a later apply forgets the oldest.
 * - A call with an older epoch for the same target throws StaleClaim and changes nothing.
 * - When the part that keeps the replicas does not answer, calls throw `supervisor_away` (or the driver's own); the caller tries again.
 */
export interface Platform {
  capabilities(): PlatformCapabilities;
  apply(desired: DesiredTarget, claim: Claim): Promise<void>;
  observe(target: string): Promise<ObservedReplica[]>;
  /** The replicas of every target, by target, in one look: what they listen on is left empty. */
  observeAll(): Promise<ReadonlyMap<string, ObservedReplica[]>>;
  /** Every replica of every target that is known, ended ones too. Asked for again and again: nothing is looked up for it. */
  list(): Promise<ListedReplica[]>;
  /**
   * Is the process behind this connection one of the replica's own? `localPort`: the router's side of the connection; without it every
   * listener of the port must be. An unknown replica owns nothing.
   */
  owns(replica: string, connection: { port: number; localPort?: number }): Promise<Ownership>;
  /** Output of one replica, over all its restarts, from a byte offset; an aborted signal throws an AbortError. Unknown: ends at once. */
  logs(replica: string, offset: number, options?: { follow?: boolean; signal?: AbortSignal }): AsyncIterable<Buffer>;
  /** Stops and forgets all of a target; resolves when nothing of it is left. Its data folder stays. */
  remove(target: string, claim: Claim): Promise<void>;
}

export interface PlatformCapabilities {
  /** router: our router splits the traffic. delegated: the platform shifts by itself. none: all or nothing. */
  readonly shifting: 'router' | 'delegated' | 'none';
  readonly artifacts: readonly ('bundle' | 'image')[];
}

export interface DesiredTarget {
  /** `target/7`, as in the claim. */
  readonly target: string;
  readonly releases: readonly DesiredRelease[];
}

export interface DesiredRelease {
  readonly release: string;
  readonly processes: readonly DesiredProcess[];
}

/** http takes requests at an address that the platform gives it. A worker has none, and no PORT. */
export type ReplicaType = 'http' | 'worker';

export interface DesiredProcess {
  readonly type: ReplicaType;
  /** Letters, digits and hyphens; the type and it together are unique in a release. */
  readonly name: string;
  readonly replicas: number;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment but PORT, which the platform sets for http, and its own markers. Holds secrets: never logged. */
  readonly env: Readonly<Record<string, string>>;
  readonly drainMs: number;
}

export interface ObservedReplica {
  /** Unique over all targets and releases. */
  readonly id: string;
  readonly release: string;
  readonly type: ReplicaType;
  /** The name of its process. */
  readonly process: string;
  readonly index: number;
  readonly phase: 'starting' | 'running' | 'backoff' | 'stopping' | 'stopped';
  /** Always null for a worker. */
  readonly address: Address | null;
  /** How often it ended by itself. */
  readonly restarts: number;
  /** Why it is not running, in plain words: `exited with code 1, 3 times`. */
  readonly reason: string | null;
  /** How it ended the last time, in the same words, also when it runs again; null when it never did, or nobody can tell. */
  readonly lastEnd: string | null;
  /** TCP ports that it listens on now, as far as the platform can tell. */
  readonly listens: readonly number[];
}

export interface ListedReplica {
  readonly id: string;
  readonly target: string;
  readonly release: string;
}

export interface Ownership {
  readonly belongs: boolean;
  /** Who answers instead, in plain words. */
  readonly other: string | null;
}
