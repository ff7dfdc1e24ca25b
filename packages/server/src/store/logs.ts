import { type Claim, StaleClaim } from '../domain/claim.ts';
import { changed } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, max, or, type SQL, sql } from './drizzle.ts';
import { heldRow } from './guard.ts';
import { mostChunkBytes, packed } from './log-chunks.ts';
import { addDay, dayOf, isMissingDay } from './log-days.ts';
import { logs } from './schema.ts';

export type LogRow = typeof logs.$inferSelect;

/** Up to where the output of a process is stored in a log. */
export interface LogPosition {
  readonly source: string;
  readonly raw: number;
}

/** What is added to a log. */
export interface LogAddition {
  readonly key: string;
  /** Null: nothing was stored yet. */
  readonly before: LogPosition | null;
  readonly after: LogPosition;
  readonly pieces: readonly { readonly at: Date; readonly bytes: Buffer }[];
  /** From here on only its end is kept. */
  readonly capped: boolean;
  /** Of a replica. */
  readonly targetId: number | null;
}

/** Somebody else has stored something of the same output meanwhile: what is there now says where to go on. */
export class LogMoved extends Error {
  constructor(key: string) {
    super(`the log ${key} was written to by somebody else`);
    this.name = 'LogMoved';
  }
}

export async function findLog(db: Db, key: string): Promise<LogRow | null> {
  const [row] = await db.select().from(logs).where(eq(logs.key, key));
  return row ?? null;
}

export async function findLogs(db: Db, keys: readonly string[]): Promise<LogRow[]> {
  return keys.length === 0
    ? []
    : db
        .select()
        .from(logs)
        .where(inArray(logs.key, [...keys]));
}

/** Of the replicas of a target, in the order in which they began: these, and all that began after a log. */
export async function logsOfTarget(db: Db, targetId: number, ids: readonly number[], after: number): Promise<LogRow[]> {
  return db
    .select()
    .from(logs)
    .where(and(eq(logs.targetId, targetId), or(gt(logs.id, after), inArray(logs.id, [...ids]))))
    .orderBy(asc(logs.id));
}

/** Of the replicas of a target: the newest log's id, 0 for none, and those of which something may still come. */
export async function logsNow(db: Db, targetId: number): Promise<{ newest: number; open: LogRow[] }> {
  const [row] = await db
    .select({ newest: max(logs.id) })
    .from(logs)
    .where(eq(logs.targetId, targetId));
  const open = await db
    .select()
    .from(logs)
    .where(and(eq(logs.targetId, targetId), isNull(logs.endedAt), lte(logs.id, row?.newest ?? 0)));
  return { newest: row?.newest ?? 0, open };
}

export async function endReplicaLogs(db: Db, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await db.execute(sql`
      with log as (update logs set ended_at = now() where key = ${key} and ended_at is null returning id)
      select ${changed('log', key)} from log`);
  }
}

/** Logs of replicas of which something may still come. */
export async function openReplicaLogs(db: Db): Promise<LogRow[]> {
  return db
    .select()
    .from(logs)
    .where(and(isNotNull(logs.targetId), isNull(logs.endedAt)));
}

/**
 * Makes this server the one that stores what replicas print, or keeps it so, for so many ms. False: another one does. It only spares work:
 * two who hold themselves for it store nothing twice.
 */
export async function holdReplicaLogs(db: Db, server: string, ms: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    insert into replica_log_keeper as k (server, until) values (${server}, now() + ${ms} * interval '1 ms')
    on conflict (one) do update set server = excluded.server, until = excluded.until
    where k.server = excluded.server or k.until < now()`);
  return rowCount === 1;
}

/**
 * Adds to a log what comes behind the position that the caller left it at, with the new one, in one statement: whatever dies, no byte is
 * stored twice and none is missing. Answers with the log's size in bytes. Throws StaleClaim, or LogMoved when it is not at that position.
 */
export async function addToLog(db: Db, held: Claim | null, addition: LogAddition): Promise<number> {
  try {
    return await add(db, held, addition);
  } catch (error) {
    if (!isMissingDay(error)) throw error;
    for (const day of new Set(addition.pieces.map(({ at }) => dayOf(at)))) await addDay(db, 'log_chunks', day);
    return add(db, held, addition);
  }
}

async function add(db: Db, held: Claim | null, addition: LogAddition): Promise<number> {
  const { key, before, after, capped, targetId } = addition;
  const at = before ?? after;
  const { rows: answers } = await db.execute<{ held: boolean; size: string | null }>(sql`
    with held as (${held === null ? sql`select 1` : heldRow(held)}),
    ${chunksOf(
      addition.pieces,
      (size, lines) => sql`
      insert into logs (key, source, raw, size, lines, capped, target_id)
      select ${key}, ${after.source}, ${after.raw}::bigint, ${size}, ${lines}, ${capped}::boolean, ${targetId}::int from held
      on conflict (key) do update set source = excluded.source, raw = excluded.raw, size = logs.size + excluded.size,
        lines = logs.lines + excluded.lines, capped = excluded.capped
      where logs.source = ${at.source} and logs.raw = ${before?.raw ?? -1}`,
    )}
    select exists (select from held) as held, (select size::text from log) as size, (select ${changed('log', key)} from log)`);
  const [answer] = answers;
  if (answer?.held !== true && held !== null) throw new StaleClaim(held);
  if (answer?.size == null) throw new LogMoved(key);
  return Number(answer.size);
}

/** Adds text of Towpath's own behind what is there, in the caller's transaction. */
export async function noteInLog(db: Db, key: string, text: string): Promise<void> {
  const now = new Date();
  await addDay(db, 'log_chunks', dayOf(now));
  await db.execute(sql`
    with ${chunksOf(
      [{ at: now, bytes: Buffer.from(text) }],
      (size, lines) => sql`
      insert into logs (key, source, size, lines) values (${key}, '', ${size}, ${lines})
      on conflict (key) do update set size = logs.size + excluded.size, lines = logs.lines + excluded.lines`,
    )}
    select ${changed('log', key)} from log`);
}

/** The parts of a statement that raise a log's size and add its chunks; `raise` is given by how many bytes, and lines. */
function chunksOf(pieces: LogAddition['pieces'], raise: (size: SQL, lines: SQL) => SQL): SQL {
  const rows = cut(pieces);
  const size = sql`${rows.reduce((sum, row) => sum + row.bytes, 0)}::bigint`;
  const lines = sql`${rows.reduce((sum, row) => sum + row.ends, 0)}::bigint`;
  const values = rows.map(
    (row) =>
      sql`(${row.from}::bigint, ${row.day}::date, ${row.bytes}::int, ${row.ended}::bigint, ${row.at}::timestamptz, ${row.data}::bytea)`,
  );
  return sql`log as (${raise(size, lines)} returning id, size, lines),
    chunks as (
      insert into log_chunks (log_id, "offset", day, bytes, lines, at, data)
      select log.id, log.size - ${size} + piece.begins, piece.day, piece.bytes, log.lines - ${lines} + piece.ended, piece.at, piece.data
      from log, (values ${sql.join(values, sql`, `)}) as piece (begins, day, bytes, ended, at, data)
    )`;
}

/** Pieces as rows of chunks, with what lies before each of them in the addition. */
function cut(pieces: LogAddition['pieces']) {
  let from = 0;
  let ended = 0;
  return pieces.flatMap(({ at, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / mostChunkBytes) }, (_, index) => {
      const part = bytes.subarray(index * mostChunkBytes, (index + 1) * mostChunkBytes);
      const ends = endsOfLines(part);
      const row = { from, day: dayOf(at), bytes: part.length, ends, ended, at, data: packed(part) };
      from += part.length;
      ended += ends;
      return row;
    }),
  );
}

function endsOfLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
