import type { Log } from './engine/log.ts';

/** One JSON line an event on standard output, which the keeper appends to a file. */
export const log: Log = (level, message, error) => {
  const detail = error === undefined ? {} : { error: detailOf(error) };
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...detail })}\n`);
};

/** The stack of what went wrong at the bottom: a query's own error carries its parameters in the message, and these are people's. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const query = error.message.startsWith('Failed query');
  return query && error.cause instanceof Error ? detailOf(error.cause) : (error.stack ?? error.message);
}
