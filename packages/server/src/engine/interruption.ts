import { TowpathError } from '@towpath/contract';
import { StaleClaim } from '../domain/claim.ts';
import { LeaseLost } from './lease.ts';

/**
 * Why a server has to end at once. Its work is not over then: whoever takes it over goes on from the last finished step.
 *
 * - `lease lost`: this server's lock is gone, or nobody can say whether it is; others take its work over.
 * - `stale claim`: somebody else already works on what this server holds to be its own.
 * - `database away`: a step could not be done or recorded for want of the database.
 */
export type FatalReason = 'lease lost' | 'stale claim' | 'database away';

/** Ends the process. It is not expected to return, and callers don't go on when it does. */
export type Fatal = (reason: FatalReason, error: unknown) => void;

/**
 * What an error that left a step or a workflow's body means: a reason to end the server without recording anything, or null for
 * a defect, which is the workflow's end. A driver that is away (`supervisor_away`, `router_away`) is a defect here: whoever
 * calls the driver waits for it to come back.
 */
export function interruption(error: unknown, isAway: (error: unknown) => boolean): FatalReason | null {
  if (error instanceof StaleClaim) return 'stale claim';
  if (error instanceof LeaseLost) return 'lease lost';
  if (error instanceof TowpathError) return error.code === 'database_away' ? 'database away' : null;
  return isAway(error) ? 'database away' : null;
}

/** What an interrupted workflow waits for: it neither succeeds nor fails here, so the library records no end of it. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
