import { wholeCharacters } from '../domain/logs/text.ts';
import type { LogChunk, LogPart } from '../store/log-chunks.ts';

/** A piece of a log as viewers get it. */
export interface LogMessage {
  /** Bytes of the log before it. */
  readonly offset: number;
  /** Where it goes on. */
  readonly next: number;
  /** When the first of it came, ISO 8601. */
  readonly at: string;
  readonly text: string;
}

export interface LogPiece {
  readonly bytes: Buffer;
  readonly message: LogMessage;
}

/** What comes from a position on, as far as one read goes. */
export interface LogPage {
  readonly pieces: readonly LogPiece[];
  /** Where the next page begins. */
  readonly next: number;
  /** Of the log, in bytes, as of now. */
  readonly size: number;
  readonly capped: boolean;
}

/** A piece is no longer than a chunk and what was left of the one before it: under 64 KiB. */
const mostBytes = 64_000;
/** Chunks of so short a time are given out as one piece, in ms. */
const mostMs = 1_000;

/**
 * Makes pieces of what was read, which break no character in two. An end that may be the beginning of a character is left to the next
 * page, which begins there; `whole`: nothing more comes, so that it is given out as well.
 */
export function pageOf({ size, capped, chunks }: LogPart, from: number, whole: boolean): LogPage {
  const page = new Page(from);
  for (const chunk of chunks) page.add(chunk);
  page.give(whole);
  return { pieces: page.pieces, next: page.next, size, capped };
}

class Page {
  readonly pieces: LogPiece[] = [];
  /** Up to where pieces were made. */
  next: number;
  /** What follows there, and when the first of it came. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #since = new Date(0);

  constructor(from: number) {
    this.next = from;
  }

  add({ offset, at, bytes }: LogChunk): void {
    const expected = this.next + this.#bytes;
    const fresh = bytes.subarray(Math.max(0, expected - offset));
    const full = this.#bytes + fresh.length > mostBytes || at.getTime() - this.#since.getTime() > mostMs;
    if (full || offset > expected) this.give(offset > expected);
    if (offset > expected) this.next = offset;
    if (this.#bytes === 0) this.#since = at;
    this.#parts.push(fresh);
    this.#bytes += fresh.length;
  }

  /** Makes a piece of what has gathered; without `whole` the beginning of a character stays. */
  give(whole: boolean): void {
    const gathered = Buffer.concat(this.#parts);
    const end = whole ? gathered.length : wholeCharacters(gathered);
    const bytes = gathered.subarray(0, end);
    this.#parts = end === gathered.length ? [] : [gathered.subarray(end)];
    this.#bytes = gathered.length - end;
    if (end === 0) return;
    const offset = this.next;
    this.next += end;
    const at = this.#since.toISOString();
    this.pieces.push({ bytes, message: { offset, next: this.next, at, text: bytes.toString('utf8') } });
  }
}
