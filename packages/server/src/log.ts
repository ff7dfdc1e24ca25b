import type { Log } from './engine/log.ts';

/** One JSON line an event on standard output, which the keeper appends to a file. */
export const log: Log = (level, message, error) => {
  const detail = error instanceof Error ? { error: error.stack ?? error.message } : error === undefined ? {} : { error: String(error) };
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...detail })}\n`);
};
