import { type Db, transaction } from './connect.ts';
import { sql } from './drizzle.ts';

/** Tables that are partitioned by day. */
export type DailyTable = 'log_chunks' | 'kept_log_chunks';

const dayMs = 24 * 3_600_000;
/** Any constant number: the advisory lock of whoever makes or drops a day. */
const daysLock = '7089165271044';
/** A drop waits for those who read; whoever comes after it waits for the drop, so it gives up soon. */
const lockMs = 1_000;

/** `2026-11-21`, UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const partitionOf = (table: DailyTable, day: string): string => `${table}_${day.replaceAll('-', '_')}`;

/** Did a write fail because nobody has made the partition of its day? */
export function isMissingDay(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : null;
  return cause instanceof Error && 'code' in cause && cause.code === '23514' && cause.message.includes('no partition');
}

/** By the catalogue's rows: `to_regclass` may still remember that there was none when another server has just made it. */
async function isThere(db: Db, partition: string): Promise<boolean> {
  const { rows } = await db.execute<{ found: boolean }>(sql`
    select exists (
      select from pg_class where relname = ${partition} and relnamespace = current_schema()::regnamespace
    ) as found`);
  return rows[0]?.found === true;
}

/** Makes the partition of a day, once. Writers and readers go on meanwhile: it is made aside and attached. */
export async function addDay(db: Db, table: DailyTable, day: string): Promise<void> {
  const name = partitionOf(table, day);
  const next = dayOf(new Date(Date.parse(day) + dayMs));
  if (await isThere(db, name)) return;
  await transaction(db, async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${daysLock})`);
    if (await isThere(tx, name)) return;
    await tx.execute(sql.raw(`create table "${name}" (like "${table}" including all)`));
    await tx.execute(
      sql.raw(`alter table "${table}" attach partition "${name}" for values from ('${day}') to ('${next}')`),
    );
  });
}

/** The days that have a partition, oldest first. */
export async function daysOf(db: Db, table: DailyTable): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass`);
  return rows.flatMap(({ name }) => /(\d{4})_(\d\d)_(\d\d)"?$/.exec(name)?.slice(1).join('-') ?? []).sort();
}

/** Drops a day as a whole, with what `save` does before it in the same transaction. */
export async function dropDay(
  db: Db,
  table: DailyTable,
  day: string,
  save: (tx: Db, partition: string) => Promise<void>,
): Promise<void> {
  const name = partitionOf(table, day);
  await transaction(db, async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${daysLock})`);
    if (!(await isThere(tx, name))) return;
    await save(tx, name);
    await tx.execute(sql.raw(`set local lock_timeout = ${lockMs}`));
    await tx.execute(sql.raw(`drop table "${name}"`));
  });
}
