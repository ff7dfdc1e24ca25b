import { TowpathError } from '@towpath/contract';
import { asDiskFull } from '../disk-full.ts';
import { StaleClaim } from '../domain/claim.ts';

/**
 * What a part can say about its refusal, in plain words that people can act upon: that is the end of what was tried. Throws a lost claim
 * and a lost database on, which are the server's, and the rest, which is a defect.
 */
export function refusalOf(error: unknown): string {
  const known = asDiskFull(error) ?? error;
  if (known instanceof StaleClaim || !(known instanceof TowpathError) || known.code === 'database_away') throw error;
  return `${known.message}. ${known.help}`;
}
