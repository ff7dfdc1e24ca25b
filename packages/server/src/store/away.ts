import { TowpathError } from '@towpath/contract';

/**
 * SQLSTATEs of a database that is away, starting, stopping or full, or that cut this connection: class 08 (connection),
 * 57P01 to 57P03 (shutdown, crash, starting), 57P05 (idle session), 25P03 (idle in transaction), 53300 (too many connections).
 */
const awayStates = /^(08...|57P01|57P02|57P03|57P05|25P03|53300)$/;

const awaySystemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What pg throws without a code. */
const awayMessages = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Query read timeout/,
  /is not queryable$/,
];

/**
 * True when the error says that the database could not be reached or cut the connection, so that trying again later is right;
 * false when it answered and refused. Looks through wrapped errors.
 * For errors of queries: another part's bare ECONNREFUSED looks the same.
 */
export function isAway(error: unknown): boolean {
  for (let depth = 0, at = error; at instanceof Error && depth < 8; depth++, at = at.cause) {
    // Somebody has looked already: the supervisor or the router is away, for all that the cause says.
    if (at instanceof TowpathError) return at.code === 'database_away';
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    if (awayStates.test(code) || awaySystemCodes.has(code)) return true;
    // The unix socket is missing; a missing file of some other kind is not the database's.
    if (code === 'ENOENT' && 'syscall' in at && at.syscall === 'connect') return true;
    if (awayMessages.some((message) => message.test(at.message))) return true;
  }
  return false;
}
