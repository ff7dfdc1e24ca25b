import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '@towpath/contract';
import type { LogLimits } from '../domain/logs/cap.ts';
import { patiently } from '../engine/patience.ts';
import type { Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import { readLog } from '../store/log-chunks.ts';
import { findLog, LogMoved } from '../store/logs.ts';
import { follow, type LogEnd, type LogOf, type Reader } from './follow.ts';
import { followReplicas, positionNow, type ReplicaPiece } from './follow-replicas.ts';
import { Pace } from './pace.ts';
import { type LogPiece, pageOf } from './pages.ts';
import type { Position } from './position.ts';
import { type Pumped, pump } from './pump.ts';
import { type LogMatch, type LogSearch, searchLog } from './search.ts';
import { SharedReads } from './shared-reads.ts';

/** Before it is tried again, in ms. */
const retryMs = 50;

export interface LogsOptions {
  readonly db: Db;
  readonly changes: Changes;
  readonly limits: LogLimits;
}

/** Which part of a log is wanted. */
export interface LogWish {
  /** Bytes that the reader has. */
  readonly after: number;
  /** Also what comes from now on, until the log is complete. */
  readonly live: boolean;
  readonly signal: AbortSignal;
}

/** The record of what is printed: stored once, by one, and read by any number from any server. */
export class Logs {
  readonly #options: LogsOptions;

  readonly #reader: Reader;

  constructor(options: LogsOptions) {
    this.#options = options;
    const { db, changes } = options;
    this.#reader = { db, changes, reads: new SharedReads(db, changes), pace: new Pace() };
  }

  /** Piece by piece; then how it ended. */
  follow(log: LogOf, wish: LogWish): AsyncGenerator<LogPiece, LogEnd> {
    return follow(this.#reader, log, wish);
  }

  search(key: string, search: LogSearch): Promise<{ matches: LogMatch[]; more: boolean }> {
    return searchLog(this.#reader.db, key, search);
  }

  /** What the replicas of a target print; without a position the last bytes of each, and what comes. */
  async *followReplicas(
    targetId: number,
    { after, tail, signal }: { readonly after: Position | null; readonly tail: number; readonly signal: AbortSignal },
  ): AsyncGenerator<ReplicaPiece> {
    const from = after ?? (await positionNow(this.#reader.db, targetId, tail));
    yield* followReplicas(this.#reader, targetId, { after: from, signal });
  }

  /** The last bytes of a log. */
  async tail(key: string, bytes: number): Promise<Buffer> {
    const { db } = this.#options;
    const size = (await findLog(db, key))?.size ?? 0;
    const pieces: Buffer[] = [];
    for (let at = Math.max(0, size - bytes); at < size; ) {
      const part = await readLog(db, key, at);
      if (part === null || part.chunks.length === 0) break;
      const page = pageOf(part, at, true);
      pieces.push(...page.pieces.map((piece) => piece.bytes));
      at = page.next;
    }
    return Buffer.concat(pieces).subarray(-bytes);
  }

  /**
   * Stores what a process prints until it has ended, also over the restarts of its keeper; `back` is asked whether that is there again.
   * Throws StaleClaim, and the keeper's error when it stays away.
   */
  async store({ back, ...pumped }: Pumped & { readonly back: () => Promise<unknown> }): Promise<void> {
    const { db, limits } = this.#options;
    for (;;) {
      try {
        return await pump(db, limits, pumped, this.#reader.pace);
      } catch (error) {
        if (isCode(error, 'supervisor_away')) await patiently(back);
        else if (!(error instanceof LogMoved)) throw error;
        await sleep(retryMs);
      }
    }
  }
}
