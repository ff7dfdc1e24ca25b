import type { Status } from '@towpath/contract';
import { isAway } from '../store/away.ts';
import { Bell, type Change, type Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import { readLog } from '../store/log-chunks.ts';
import type { Pace } from './pace.ts';
import { type LogPage, type LogPiece, pageOf } from './pages.ts';
import type { SharedReads } from './shared-reads.ts';

/** Looks again after this time even if nobody told of anything, in ms. */
const pollMs = 5_000;
/** The same while the database is away. */
const awayMs = 1_000;

/** A log, and how to know that nothing is added to it any more. */
export interface LogOf {
  readonly key: string;
  /** What is told when that changes. */
  readonly topic: Change;
  /** How it ended what it is the log of; null: it has not. */
  readonly over: () => Promise<Status | null>;
}

export interface LogEnd {
  readonly offset: number;
  /** Null: it has not ended, and only what was there was wanted. */
  readonly status: Status | null;
  /** Not all that was printed is there. */
  readonly truncated: boolean;
}

export interface Reader {
  readonly db: Db;
  readonly changes: Pick<Changes, 'on'>;
  readonly reads: SharedReads;
  readonly pace: Pace;
}

/**
 * A log from a position on, piece by piece as it comes, until it is complete: then its end. The next piece is read when the last one was
 * taken. Without `live` it ends where the log ends now. Throws the signal's reason.
 */
export async function* follow(
  { db, changes, reads, pace }: Reader,
  { key, topic, over }: LogOf,
  { after, live, signal }: { readonly after: number; readonly live: boolean; readonly signal: AbortSignal },
): AsyncGenerator<LogPiece, LogEnd> {
  const bell = new Bell();
  let look = true;
  const rings = [
    changes.on('log', () => bell.ring(), key),
    changes.on(
      topic[0],
      () => {
        look = true;
        bell.ring();
      },
      topic[1],
    ),
  ];
  const abort = () => bell.ring();
  signal.addEventListener('abort', abort, { once: true });
  try {
    let status: Status | null = live ? null : await over();
    let gap = false;
    for (let at = after; ; ) {
      signal.throwIfAborted();
      let page: LogPage | null;
      try {
        // Before the read: what was printed by the end is seen by it.
        if (look && status === null) {
          look = false;
          status = await over();
        }
        page = await reads.read(key, at);
      } catch (error) {
        if (!isAway(error)) throw error;
        look = true;
        await bell.heard(awayMs);
        continue;
      }
      for (const piece of page?.pieces ?? []) {
        gap ||= piece.message.offset > at;
        at = piece.message.next;
        if (status === null) await pace.room(piece.bytes.length);
        yield piece;
      }
      if (page !== null && page.pieces.length > 0) continue;
      if (status !== null || !live) {
        for (const piece of await rest(db, key, at)) {
          at = piece.message.next;
          yield piece;
        }
        const missing = gap || page?.capped === true || at < (page?.size ?? 0);
        return { offset: at, status, truncated: missing };
      }
      const told = await bell.heard(pollMs);
      look ||= !told;
    }
  } finally {
    for (const silence of rings) silence();
    signal.removeEventListener('abort', abort);
  }
}

/** What is left at the end of a log: less than a character. */
async function rest(db: Db, key: string, at: number): Promise<readonly LogPiece[]> {
  const part = await readLog(db, key, at);
  return part === null ? [] : pageOf(part, at, true).pieces;
}
