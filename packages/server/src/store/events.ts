import { setTimeout as sleep } from 'node:timers/promises';
import type { EventName } from '@towpath/contract';
import { changed } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, eq, gt, lte, sql } from './drizzle.ts';
import { events } from './schema.ts';

export type EventRow = typeof events.$inferSelect;

export interface NewEvent {
  readonly name: EventName;
  /** Who did it: a token's name, or `towpath`. */
  readonly actor: string;
  /** `run/219`, `target/7`, `service/3`. */
  readonly subject: string;
  readonly projectId?: number;
  /** Never a secret: whoever may read anything may read this. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes to the audit, in the caller's transaction: the event is there exactly when what it tells of is. */
export async function appendEvent(db: Db, event: NewEvent): Promise<void> {
  await db
    .insert(events)
    .values(event)
    .returning({ told: changed('event', event.projectId ?? 0) });
}

export interface EventFilter {
  readonly subject?: string | undefined;
  readonly projectId?: number | undefined;
  readonly limit: number;
}

/**
 * Oldest first; only those with a higher id than `after`. Whoever goes on from the last one's id misses none, although transactions
 * commit in another order than they took their ids: waits for those in progress (milliseconds). Empty also when one takes too long.
 */
export async function eventsAfter(db: Db, after: number, filter: EventFilter): Promise<EventRow[]> {
  const settled = await settledId(db);
  if (settled === null) return [];
  const { subject, projectId, limit } = filter;
  return db
    .select()
    .from(events)
    .where(
      and(
        gt(events.id, after),
        lte(events.id, settled),
        subject === undefined ? undefined : eq(events.subject, subject),
        projectId === undefined ? undefined : eq(events.projectId, projectId),
      ),
    )
    .orderBy(asc(events.id))
    .limit(limit);
}

const settleMs = 2_000;

/** Up to where the record of events is complete; null when a writer takes too long. */
export const newestEvent = (db: Db): Promise<number | null> => settledId(db);

/** An id such that no event up to it can appear any more; null when a writer takes too long. */
async function settledId(db: Db): Promise<number | null> {
  const { rows } = await db.execute<{ id: string | null }>(
    sql`select pg_sequence_last_value(pg_get_serial_sequence('events', 'id')::regclass)::text as id`,
  );
  // Whoever took an id up to this one holds its lock on the table now, or has ended. Asked in this order.
  const writers = await openWriters(db);
  for (const giveUpAt = performance.now() + settleMs; ; await sleep(5)) {
    const open = writers.size === 0 ? writers : await openWriters(db);
    if (![...writers].some((writer) => open.has(writer))) return Number(rows[0]?.id ?? 0);
    if (performance.now() > giveUpAt) return null;
  }
}

/** Other transactions in progress that have written events. */
async function openWriters(db: Db): Promise<Set<string>> {
  const { rows } = await db.execute<{ transaction: string }>(sql`
    select virtualtransaction as transaction from pg_locks
    where locktype = 'relation' and relation = 'events'::regclass and mode = 'RowExclusiveLock'
      and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`);
  return new Set(rows.map((row) => row.transaction));
}
