import type { Db } from './connect.ts';
import { sql } from './drizzle.ts';

/** Lets one server at a time admit work of a kind; given back when the transaction ends. */
export async function dispatchLock(tx: Db, kind: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`dispatch ${kind}`}, 0))`);
}
