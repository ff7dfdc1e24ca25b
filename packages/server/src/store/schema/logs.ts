import { bigint, boolean, check, date, index, integer, pgTable, primaryKey, sql, text } from '../drizzle.ts';
import { at, bytea } from './columns.ts';
import { targets } from './record.ts';

/** Something that is printed and kept: an attempt of a stage, a job, a deployment without a run, a replica. Its bytes are in `log_chunks`. */
export const logs = pgTable(
  'logs',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** `219:unit:1`, `job/7`, `deployment/34`, `target/7:12:http:0.1` */
    key: text('key').notNull().unique(),
    /** The process whose output is being stored, as its keeper calls it. */
    source: text('source').notNull(),
    /** Where whoever goes on begins to read its output again, in bytes: everything before is stored, or left out. */
    raw: bigint('raw', { mode: 'number' }).notNull().default(0),
    /** Bytes of the log, without secrets. */
    size: bigint('size', { mode: 'number' }).notNull().default(0),
    /** Ends of lines in it. */
    lines: bigint('lines', { mode: 'number' }).notNull().default(0),
    /** It has come to the most that is kept: only the end of what follows will be. */
    capped: boolean('capped').notNull().default(false),
    /** Of a replica: its target, whose replicas are read together. */
    targetId: integer('target_id').references(() => targets.id),
    startedAt: at('started_at').notNull().defaultNow(),
    /** Of a replica: nothing of it comes any more. */
    endedAt: at('ended_at'),
  },
  (t) => [index('logs_target').on(t.targetId, t.id).where(sql`${t.targetId} is not null`)],
);

const chunkColumns = () => ({
  logId: bigint('log_id', { mode: 'number' }).notNull(),
  /** Bytes of the log before this piece. */
  offset: bigint('offset', { mode: 'number' }).notNull(),
  /** UTC, of `at`: its partition, which is dropped as a whole. */
  day: date('day', { mode: 'string' }).notNull(),
  /** Bytes of the log in it. */
  bytes: integer('bytes').notNull(),
  /** Ends of lines before it. */
  lines: bigint('lines', { mode: 'number' }).notNull(),
  /** When the first of it came. */
  at: at('at').notNull(),
  /** As zstd, where that is shorter than the bytes themselves. */
  data: bytea('data').notNull(),
});

/** Partitioned by day, in SQL (drizzle has no word for it); the partitions are made as the days come. */
export const logChunks = pgTable('log_chunks', chunkColumns(), (t) => [
  primaryKey({ columns: [t.logId, t.offset, t.day] }),
]);

/** What outlives its day's partition of `log_chunks`: logs of what failed, and the end of every log. Partitioned likewise. */
export const keptLogChunks = pgTable('kept_log_chunks', chunkColumns(), (t) => [
  primaryKey({ columns: [t.logId, t.offset, t.day] }),
]);

/** One row: the server that stores what replicas print, and until when it does. */
export const replicaLogKeeper = pgTable(
  'replica_log_keeper',
  {
    one: boolean('one').primaryKey().default(true),
    server: text('server').notNull(),
    until: at('until').notNull(),
  },
  (t) => [check('replica_log_keeper_one', sql`${t.one}`)],
);
