import type { Claim } from '../domain/claim.ts';

/**
 * Where a stage's command runs. A written contract; conformance.ts holds every driver to it.
 *
 * - All calls are idempotent and may be made by several servers at once.
 * - There is never a promise of the exit: a new server attaches again by key.
 * - A key runs at most once, whatever dies in between; the same key with another command is refused (`spec_differs`).
 * - A call with an older epoch for the same scope throws StaleClaim and changes nothing.
 * - When the part that keeps the commands does not answer, calls throw TowpathError `supervisor_away` (or the driver's own `…_away`);
 *   the caller tries again.
 */
export interface Executor {
  /** Starts the command, or does nothing when the key is known. Resolves when it is accepted and will run whatever dies now. */
  submit(key: string, command: StageCommand, claim: Claim): Promise<void>;
  /** How it stands; null when the key is unknown. With waitMs: answers as soon as it has ended, at the latest after that time. */
  observe(key: string, options?: { waitMs?: number; signal?: AbortSignal }): Promise<CommandState | null>;
  /** Its output from a byte offset; with follow, until it has ended and every byte was given. Unknown key: ends at once. */
  logs(key: string, offset: number, options?: { follow?: boolean; signal?: AbortSignal }): AsyncIterable<Buffer>;
  /**
   * Ends the command and everything it started, also what detached itself: asks politely, and after graceMs by force.
   * Resolves when the intention is recorded; observe says `cancelled` once nothing of it is left. Unknown or ended key: nothing happens.
   */
  cancel(key: string, graceMs: number, claim: Claim): Promise<void>;
  /** Keys of this scope that the driver still knows. */
  list(scope: string): Promise<string[]>;
  /** Forgets an ended key with its output; a running one is refused (`not_ended`). Unknown key: nothing happens. */
  forget(key: string, claim: Claim): Promise<void>;
}

export interface StageCommand {
  readonly argv: readonly [string, ...string[]];
  /** Absolute folder, or as the driver maps it. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface CommandState {
  readonly status: 'running' | 'exited' | 'cancelled';
  /** exited: null when it was ended by a signal or its exit was lost. */
  readonly exitCode: number | null;
  /** In plain words when it did not end by itself with a code: `ended by SIGKILL`, `ran longer than 30 min`. */
  readonly reason: string | null;
}
