import { TowpathError } from '@towpath/contract';
import { asDiskFull } from '../disk-full.ts';
import { StaleClaim } from '../domain/claim.ts';

/** How a step of a rollout ended; it is the step's recorded result, so plain JSON. */
export type Outcome =
  | { readonly go: true }
  | {
      readonly go: false;
      readonly reason: string /** failed: the release is at fault. Others: somebody asked for the end. */;
      readonly status: 'failed' | 'cancelled' | 'superseded';
    };

export const proceed: Outcome = { go: true };

export const failed = (reason: string): Outcome => ({ go: false, reason, status: 'failed' });

/**
 * What a part can say about its refusal, in plain words: that is the end of what was tried. Throws a lost claim and a lost database on,
 * which are the server's, and the rest, which is a defect.
 */
export function asFailure(error: unknown): string {
  const known = asDiskFull(error) ?? error;
  if (known instanceof StaleClaim || !(known instanceof TowpathError) || known.code === 'database_away') throw error;
  return `${known.message}. ${known.help}`;
}
