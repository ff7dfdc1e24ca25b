import { stripControls } from '../domain/reports/controls.ts';
import type { Db } from '../store/connect.ts';
import { readLog } from '../store/log-chunks.ts';

export interface LogMatch {
  /** From 1. */
  readonly line: number;
  /** Bytes of the log before the line. */
  readonly offset: number;
  /** The line without what colours it; of a long one the part around the match. */
  readonly text: string;
}

export interface LogSearch {
  /** Found wherever a line has it, in capitals or not. */
  readonly text: string;
  /** Lines after this one only. */
  readonly after: number;
  readonly limit: number;
}

/** A longer line is searched in parts of this many bytes. */
const longestLine = 64_000;
const shownBefore = 100;
const shown = 500;

/** The first lines of a log that have a text, and whether there are more. Lines that are no longer kept are not found. */
export async function searchLog(
  db: Db,
  key: string,
  search: LogSearch,
): Promise<{ matches: LogMatch[]; more: boolean }> {
  const wanted = search.text.toLowerCase();
  const matches: LogMatch[] = [];
  for await (const { line, offset, bytes } of linesOf(db, key)) {
    if (line <= search.after) continue;
    const text = stripControls(bytes.toString('utf8'));
    const at = text.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    if (matches.length === search.limit) return { matches, more: true };
    const from = Math.max(0, at - shownBefore);
    matches.push({ line, offset, text: text.slice(from, from + shown) });
  }
  return { matches, more: false };
}

interface Line {
  readonly line: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

async function* linesOf(db: Db, key: string): AsyncGenerator<Line> {
  let held = Buffer.alloc(0);
  let line = 1;
  let at = 0;
  for (;;) {
    const chunks = (await readLog(db, key, at + held.length))?.chunks ?? [];
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      if (chunk.offset > at + held.length) {
        // Days were dropped: the rest of the line before is gone.
        held = Buffer.alloc(0);
        at = chunk.offset;
        line = chunk.lines + 1;
      }
      const bytes = Buffer.concat([held, chunk.bytes.subarray(at + held.length - chunk.offset)]);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        yield { line, offset: at + from, bytes: bytes.subarray(from, end) };
        from = end + 1;
        line += 1;
      }
      while (bytes.length - from > longestLine) {
        yield { line, offset: at + from, bytes: bytes.subarray(from, from + longestLine) };
        from += longestLine;
      }
      held = bytes.subarray(from);
      at += from;
    }
  }
  if (held.length > 0) yield { line, offset: at, bytes: held };
}
