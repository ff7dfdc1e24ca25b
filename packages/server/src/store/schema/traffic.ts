import { bigint, index, integer, pgTable, primaryKey, text } from '../drizzle.ts';
import { at, bytea } from './columns.ts';

const ends = () => ({
  requests: bigint('requests', { mode: 'number' }).notNull(),
  serviceErrors: bigint('service_errors', { mode: 'number' }).notNull(),
  routerErrors: bigint('router_errors', { mode: 'number' }).notNull(),
  broken: bigint('broken', { mode: 'number' }).notNull(),
  aborted: bigint('aborted', { mode: 'number' }).notNull(),
  streams: bigint('streams', { mode: 'number' }).notNull(),
  /** `domain/traffic/latencies.packed`: adds up with `||`. */
  latencies: bytea('latencies').notNull(),
});

/** Users' requests by release and time; each is in one row. Steps without any have no row. */
export const trafficSeries = pgTable(
  'traffic_series',
  {
    releaseId: integer('release_id').notNull(),
    /** Length of the step: 10 s, later 60 s. */
    seconds: integer('seconds').notNull(),
    at: at('at').notNull(),
    /** How far into the step routers were looked at, as far as they had something to say. */
    until: at('until').notNull(),
    ...ends(),
  },
  (t) => [primaryKey({ columns: [t.releaseId, t.seconds, t.at] }), index('traffic_series_time').on(t.seconds, t.at)],
);

/** Starts of routers, and when they were looked at last. */
export const trafficInstances = pgTable('traffic_instances', {
  instance: text('instance').primaryKey(),
  lookedAt: at('looked_at').notNull(),
});

/** What of a router's counts is in the series already. */
export const trafficSeen = pgTable(
  'traffic_seen',
  {
    instance: text('instance')
      .notNull()
      .references(() => trafficInstances.instance, { onDelete: 'cascade' }),
    releaseId: integer('release_id').notNull(),
    /** ReleaseStats.since */
    since: integer('since').notNull(),
    ...ends(),
  },
  (t) => [primaryKey({ columns: [t.instance, t.releaseId] })],
);
