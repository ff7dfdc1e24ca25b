import { isAway } from '../store/away.ts';
import { Bell } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import { type LogRow, logsNow, logsOfTarget } from '../store/logs.ts';
import type { Reader } from './follow.ts';
import type { LogMessage } from './pages.ts';
import { type Position, positionOf } from './position.ts';

/** Looks again after this time even if nobody told of anything, in ms. */
const pollMs = 5_000;

export interface ReplicaMessage extends LogMessage {
  readonly replica: string;
}

/** A message, and the position of the whole stream after it; without data the position only. */
export interface ReplicaPiece {
  readonly id: string;
  readonly data?: ReplicaMessage;
}

/** Behind all that the replicas of a target have printed, but for the last bytes of each that has not ended. */
export async function positionNow(db: Db, targetId: number, tail: number): Promise<Position> {
  const { newest, open } = await logsNow(db, targetId);
  return { newest, at: new Map(open.map(({ id, size }) => [id, Math.max(0, size - tail)])) };
}

/**
 * What the replicas of a target print behind a position, piece by piece as it comes, those of later releases too. Ends with the signal
 * only, by throwing its reason.
 */
export async function* followReplicas(
  { db, changes, reads, pace }: Reader,
  targetId: number,
  { after, signal }: { readonly after: Position; readonly signal: AbortSignal },
): AsyncGenerator<ReplicaPiece> {
  const bell = new Bell();
  const followed = new Followed(after);
  const prefix = `target/${targetId}:`;
  const silence = changes.on('log', (key) => {
    if (key !== null && !key.startsWith(prefix)) return;
    followed.tell(key);
    bell.ring();
  });
  const abort = () => bell.ring();
  signal.addEventListener('abort', abort, { once: true });
  try {
    // Where it begins: whoever is cut off before the first line goes on here.
    yield { id: followed.id };
    for (;;) {
      signal.throwIfAborted();
      try {
        if (followed.stale) await followed.look((ids, newest) => logsOfTarget(db, targetId, ids, newest));
        for (const log of followed.due()) {
          const page = await reads.read(log.key, log.at);
          for (const { message, bytes } of page?.pieces ?? []) {
            log.at = message.next;
            await pace.room(bytes.length);
            yield { id: followed.id, data: { ...message, replica: log.key } };
          }
          if (page === null || page.pieces.length === 0) followed.drained(log);
        }
      } catch (error) {
        if (!isAway(error)) throw error;
        followed.tell(null);
        await bell.heard(pollMs);
      }
      if (followed.isQuiet && !(await bell.heard(pollMs))) followed.tell(null);
    }
  } finally {
    silence();
    signal.removeEventListener('abort', abort);
  }
}

interface OneLog {
  readonly id: number;
  readonly key: string;
  at: number;
  ended: boolean;
  /** Something may have come that was not read. */
  due: boolean;
}

/** The logs that a reader follows, and how far each was read. */
class Followed {
  /** A log is new, or may have ended: their rows are to be read. */
  stale = true;
  #newest: number;
  /** Of a position, whose rows were not read yet. */
  #at: Map<number, number>;
  readonly #logs = new Map<string, OneLog>();

  constructor({ newest, at }: Position) {
    this.#newest = newest;
    this.#at = new Map(at);
  }

  get id(): string {
    const read = [...this.#logs.values()].map(({ id, at }) => [id, at] as const);
    return positionOf({ newest: this.#newest, at: new Map([...this.#at, ...read]) });
  }

  get isQuiet(): boolean {
    return !this.stale && this.due().length === 0;
  }

  /** Null: any of them. */
  tell(key: string | null): void {
    for (const log of this.#logs.values()) if (key === null || log.key === key) log.due = true;
    if (key === null || !this.#logs.has(key)) this.stale = true;
  }

  async look(rowsOf: (ids: readonly number[], newest: number) => Promise<LogRow[]>): Promise<void> {
    this.stale = false;
    const ids = [...this.#at.keys(), ...[...this.#logs.values()].map(({ id }) => id)];
    for (const { id, key, endedAt } of await rowsOf(ids, this.#newest)) {
      const known = this.#logs.get(key) ?? { id, key, at: this.#at.get(id) ?? 0, ended: false, due: true };
      this.#logs.set(key, { ...known, ended: endedAt !== null, due: true });
      this.#newest = Math.max(this.#newest, id);
    }
    this.#at = new Map();
  }

  due(): OneLog[] {
    return [...this.#logs.values()].filter(({ due }) => due);
  }

  /** All of it was read. Whoever told of it may have meant its end. */
  drained(log: OneLog): void {
    if (log.ended) this.#logs.delete(log.key);
    log.due = false;
  }
}
