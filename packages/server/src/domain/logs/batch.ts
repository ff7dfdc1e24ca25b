/** A line waits no longer than this before it is written, in ms; nor is anything written more often. */
const longestWaitMs = 50;
/** So much is written without waiting. */
export const batchBytes = 256_000;

/** What waits to be written. */
export interface Waiting {
  readonly bytes: number;
  /** Since the write before was begun; Infinity: there was none. */
  readonly sinceWriteMs: number;
}

/**
 * In how many ms what waits is to be written; 0: now. The first line after a silence goes at once, so that one who watches sees it, and
 * what a short command prints is stored before it ends; those behind it gather meanwhile.
 */
export function dueIn({ bytes, sinceWriteMs }: Waiting): number {
  if (bytes >= batchBytes) return 0;
  return Math.max(0, longestWaitMs - sinceWriteMs);
}
