import type { Claim } from '../domain/claim.ts';

/**
 * Where a stage's command runs. A written contract; conformance.ts holds every driver to it.
 *
 * - All calls are idempotent and may be made by several servers at once.
 * - There is never a promise of the exit: a new server attaches again by key.
 * - A key runs at most once, whatever dies in between; the same key with another argv, folder or scope is refused (`spec_differs`).
 *   Other variables or another time limit make no other command; they are not taken over.
 * - A call with an older epoch for the same scope throws StaleClaim and changes nothing.
 * - When the part that keeps the commands does not answer, calls throw TowpathError `supervisor_away` (or the driver's own `…_away`);
 *   the caller tries again. A wait that its signal ends throws an AbortError.
 * - When a command has ended by itself, whatever it left running is ended too, and only then observe says so. By then its output is
 *   complete.
 */
export interface Executor {
  /**
   * Starts the command, or does nothing when the key is known. Resolves when it is accepted and will run whatever dies now.
   * A program that can't be found or started ends as in a shell: code 127 or 126, with the reason in its output.
   */
  submit(key: string, command: StageCommand, claim: Claim): Promise<void>;
  /** How it stands; null when the key is unknown. With waitMs: answers as soon as it has ended, at the latest after that time. */
  observe(key: string, options?: { waitMs?: number; signal?: AbortSignal }): Promise<CommandState | null>;
  /** Its output from a byte offset; with follow, until it has ended and every byte was given. Unknown key: ends at once. */
  logs(key: string, offset: number, options?: { follow?: boolean; signal?: AbortSignal }): AsyncIterable<Buffer>;
  /**
   * Ends the command and everything it started, also what detached itself: asks politely, and after graceMs by force.
   * Resolves when the intention is recorded; observe says `cancelled` once nothing of it is left. Unknown or ended key: nothing happens
   * (a later submit runs). Called again it may shorten the grace. The claim is on the scope that the key was submitted under.
   */
  cancel(key: string, graceMs: number, claim: Claim): Promise<void>;
  /** Keys of exactly this scope that the driver still knows. */
  list(scope: string): Promise<string[]>;
  /** Forgets an ended key with its output; a running one is refused (`not_ended`). Unknown key: nothing happens. */
  forget(key: string, claim: Claim): Promise<void>;
}

export interface StageCommand {
  readonly argv: readonly [string, ...string[]];
  /** Absolute folder, or as the driver maps it. */
  readonly cwd: string;
  /** The whole environment, but for markers that a driver finds its processes by. Names as a POSIX shell takes them. */
  readonly env: Readonly<Record<string, string>>;
  /** After this time it is ended like by a cancel; observe says `exited` with the reason. */
  readonly timeoutMs: number;
}

export interface CommandState {
  readonly status: 'running' | 'exited' | 'cancelled';
  /** null unless it ended by itself with a code. */
  readonly exitCode: number | null;
  /** exited without a code: why, in plain words: `ended by SIGKILL`, `ran longer than 30 min`. Otherwise null. */
  readonly reason: string | null;
}
