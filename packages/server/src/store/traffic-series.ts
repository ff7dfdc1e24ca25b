import type { Counted } from '../domain/traffic/counted.ts';
import { unpacked } from '../domain/traffic/latencies.ts';
import type { Window } from '../domain/traffic/summary.ts';
import type { Db } from './connect.ts';
import { and, asc, eq, gte, sql } from './drizzle.ts';
import { releases, trafficSeries } from './schema.ts';

/** What a release was counted from `at` on, in ms since 1970. */
export interface TrafficPoint {
  readonly version: number;
  readonly at: number;
  readonly until: number;
  readonly counted: Counted;
}

const { requests, serviceErrors, routerErrors, broken, aborted, streams, latencies, at, until } = trafficSeries;
const sums = {
  requests: sql<number>`sum(${requests})::float8`,
  serviceErrors: sql<number>`sum(${serviceErrors})::float8`,
  routerErrors: sql<number>`sum(${routerErrors})::float8`,
  broken: sql<number>`sum(${broken})::float8`,
  aborted: sql<number>`sum(${aborted})::float8`,
  streams: sql<number>`sum(${streams})::float8`,
  latencies: sql<Buffer>`string_agg(${latencies}, ''::bytea)`,
  until: sql<number>`(extract(epoch from max(${until})) * 1000)::float8`,
};

/** Of a target, by release and point of the window, in the order of time; points without a request are left out. */
export async function trafficOf(db: Db, targetId: number, window: Window): Promise<TrafficPoint[]> {
  const width = window.pointMs / 1_000;
  const point = sql<number>`(floor(extract(epoch from ${at}) / ${width}) * ${width})::float8`;
  const rows = await db
    .select({ version: releases.version, point, ...sums })
    .from(trafficSeries)
    .innerJoin(releases, eq(releases.id, trafficSeries.releaseId))
    .where(and(eq(releases.targetId, targetId), gte(at, new Date(window.from))))
    .groupBy(releases.version, sql`2`)
    .orderBy(sql`2`, asc(releases.version));
  return rows.map(({ version, point: seconds, until: end, latencies: bytes, ...ends }) => ({
    ...{ version, at: seconds * 1_000, until: end },
    counted: { ...ends, latencies: unpacked(bytes) },
  }));
}

/** Of every target with a request since `from` (ms since 1970), all of its releases together. */
export async function recentTraffic(
  db: Db,
  from: number,
): Promise<Map<number, { readonly until: number; readonly counted: Counted }>> {
  const rows = await db
    .select({ target: releases.targetId, ...sums })
    .from(trafficSeries)
    .innerJoin(releases, eq(releases.id, trafficSeries.releaseId))
    .where(and(eq(trafficSeries.seconds, 10), gte(at, new Date(from))))
    .groupBy(releases.targetId);
  return new Map(
    rows.map(({ target, until: end, latencies: bytes, ...ends }) => [
      target,
      { until: end, counted: { ...ends, latencies: unpacked(bytes) } },
    ]),
  );
}
