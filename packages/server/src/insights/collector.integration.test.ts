import type { RouteTable } from '@towpath/contract/router';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { coarseMs, fineMs, minuteMs } from '../domain/traffic/collect.ts';
import { addedUp, type Counted } from '../domain/traffic/counted.ts';
import { counted } from '../domain/traffic/latencies.ts';
import { windowOf } from '../domain/traffic/summary.ts';
import { isAway } from '../store/away.ts';
import { type Connection, connect } from '../store/connect.ts';
import { sql } from '../store/drizzle.ts';
import { environments, projects, releases, services, targets, trafficSeries } from '../store/schema.ts';
import { testDatabase } from '../store/testing/database.ts';
import { recentTraffic, trafficOf } from '../store/traffic-series.ts';
import { FakeRouter } from '../traffic/fake/router.ts';
import { FakeTraffic } from '../traffic/fake/traffic.ts';
import { Collector } from './collector.ts';

const host = 'api.localhost';
const noon = Date.parse('2026-03-01T12:00:00Z');
let connection: Connection;
let traffic: FakeTraffic;
let collector: Collector;
let now = noon;
/** The ids of v1 and v2 of one target. */
let ids: readonly number[] = [];
let targetId = 0;
const logged: string[] = [];

const newCollector = () =>
  new Collector({
    db: connection.db,
    router: traffic,
    leads: async () => true,
    log: (_level, message) => logged.push(message),
    isAway,
    now: () => now,
  });

beforeEach(async () => {
  connection = connect(await testDatabase(), { name: 'collector' });
  now = noon;
  traffic = new FakeTraffic(new FakeRouter(() => now));
  logged.length = 0;
  await record();
  collector = newCollector();
  await traffic.apply(table(100, 0), 1);
});
afterEach(() => connection.close());

async function record(): Promise<void> {
  const { db } = connection;
  const [project] = await db.insert(projects).values({ name: 'shop' }).returning();
  const projectId = project?.id ?? 0;
  const [service] = await db.insert(services).values({ projectId, name: 'api', settings: {} }).returning();
  const [environment] = await db
    .insert(environments)
    .values({ projectId, name: 'production', admission: 'auto', position: 1, approvalMs: 1 })
    .returning();
  const pair = { serviceId: service?.id ?? 0, environmentId: environment?.id ?? 0 };
  const [target] = await db.insert(targets).values(pair).returning();
  targetId = target?.id ?? 0;
  const release = { targetId, artifactDigest: 'd', commit: 'c', config: {}, sealed: Buffer.alloc(0), createdBy: 'ada' };
  const rows = await db
    .insert(releases)
    .values([1, 2].map((version) => ({ ...release, version, cause: 'run' as const })))
    .returning();
  ids = rows.map(({ id }) => id);
}

function table(...weights: readonly number[]): RouteTable {
  const health = { path: '/', intervalMs: 1_000, timeoutMs: 1_000, failures: 1 };
  const backends = ids.map((id, index) => ({
    release: `release/${id}`,
    weight: weights[index] ?? 0,
    replicas: [{ id: `r${id}`, address: { host: '127.0.0.1', port: 20_000 + id } }],
    hosts: [],
    health,
  }));
  return { routes: [{ name: 'shop/api/production', hosts: [host], backends, drainMs: 0 }] };
}

function requests(count: number, status = 200): void {
  traffic.router.knobs.status = () => status;
  for (let at = 0; at < count; at++) traffic.router.request(host);
}

/** After so many seconds the routers are looked at. */
async function lookAfter(seconds: number, by = collector): Promise<void> {
  now += seconds * 1_000;
  await by.look();
}

/** What the series has of each version, all time together. */
async function series(): Promise<Record<number, Counted>> {
  const points = await trafficOf(connection.db, targetId, windowOf(now, 691_200));
  const byVersion = Map.groupBy(points, ({ version }) => version);
  return Object.fromEntries(
    [...byVersion].map(([version, own]) => [version, addedUp(own.map((each) => each.counted))]),
  );
}
const rows = () => connection.db.$count(trafficSeries);
const written = async (): Promise<number> => {
  await connection.pool.query('select pg_stat_force_next_flush()');
  const { rows: found } = await connection.pool.query<{ n: string }>(
    "select sum(n_tup_ins + n_tup_upd + n_tup_del)::text as n from pg_stat_user_tables where relname like 'traffic%'",
  );
  return Number(found[0]?.n);
};

describe('the collector', () => {
  test('counts every request once, by release and how it ended', async () => {
    requests(5);
    await lookAfter(2);
    requests(3, 500);
    await lookAfter(2);
    await traffic.apply(table(0, 100), 2);
    requests(4);
    await lookAfter(2);
    await lookAfter(2);
    const found = await series();
    expect(found).toMatchObject({ 1: { requests: 8, serviceErrors: 3 }, 2: { requests: 4, serviceErrors: 0 } });
    expect(counted(found[1]?.latencies ?? [])).toBe(8);
    expect(await rows()).toBe(2);
    expect(logged).toEqual([]);
  });

  test('goes on where another one stopped, even when both think that it is their turn', async () => {
    requests(5);
    await lookAfter(2);
    const other = newCollector();
    requests(5);
    await Promise.all([lookAfter(0, other), lookAfter(2), lookAfter(0, other)]);
    requests(1);
    await lookAfter(2, other);
    await lookAfter(2);
    expect(await series()).toMatchObject({ 1: { requests: 11 } });
  });

  test('loses nothing and doubles nothing when the router is killed between two looks', async () => {
    requests(5);
    await lookAfter(2);
    requests(2);
    traffic.router.restart();
    requests(3);
    await lookAfter(2);
    expect(await series()).toMatchObject({ 1: { requests: 10 } });
    // One that does not know what was told already is told it again.
    for (let round = 0; round < 2; round++) await lookAfter(2, newCollector());
    expect(await series()).toMatchObject({ 1: { requests: 10 } });
  });

  test('shares out over the time in which nobody looked; what was idle before is not part of it', async () => {
    await lookAfter(2);
    // A server notes each minute that it looked; here it is another one, whose first look is noted.
    await lookAfter(30 * 60, newCollector());
    const from = now;
    now += minuteMs;
    requests(70);
    await newCollector().look();
    const points = await trafficOf(connection.db, targetId, windowOf(now, 3_600));
    const all = await connection.db.select({ at: trafficSeries.at }).from(trafficSeries);
    expect(all).toHaveLength(7);
    expect(Math.min(...all.map(({ at }) => at.getTime()))).toBe(Math.floor(from / 10_000) * 10_000);
    expect(points.map(({ counted: { requests: found } }) => found)).toEqual([60, 10]);
    expect(await series()).toMatchObject({ 1: { requests: 70 } });
  });

  test('takes over at the next look what a router or database that was away kept from it', async () => {
    requests(5);
    traffic.router.faults.away = 1;
    await lookAfter(2);
    expect(await rows()).toBe(0);
    await lookAfter(2);
    expect(await series()).toMatchObject({ 1: { requests: 5 } });
    expect(logged).toEqual([]);
  });

  test('does nothing while another server has the duty', async () => {
    let leads = false;
    const waiting = new Collector({
      ...{ db: connection.db, router: traffic, leads: async () => leads, log: () => {}, isAway, now: () => now },
    });
    requests(5);
    await lookAfter(2, waiting);
    expect(await rows()).toBe(0);
    leads = true;
    await lookAfter(2, waiting);
    expect(await series()).toMatchObject({ 1: { requests: 5 } });
  });

  test('writes nothing while no request comes', async () => {
    requests(5);
    await lookAfter(2);
    const before = await written();
    for (let round = 0; round < 20; round++) await lookAfter(2);
    expect(await written()).toBe(before);
  });

  test('puts requests where the clock says, when it is set back or forward too, and loses none', async () => {
    for (const step of [0, -3_600, 7_000, -100]) {
      requests(2);
      await lookAfter(step);
    }
    now = Math.max(now, noon + 3_600_000);
    expect(await series()).toMatchObject({ 1: { requests: 8 } });
  });
});

describe('the series', () => {
  test('goes over into minutes after two hours, and is gone after eight days', async () => {
    for (let round = 0; round < 8; round++) {
      requests(3);
      await lookAfter(10);
    }
    expect(await rows()).toBe(8);
    const before = await series();
    now += fineMs + 2 * minuteMs;
    requests(1);
    await newCollector().look();
    const { rows: lengths } = await connection.pool.query(
      'select seconds, count(*)::int as n from traffic_series where at < $1 group by 1',
      [new Date(noon + minuteMs * 2)],
    );
    expect(lengths).toEqual([{ seconds: 60, n: 2 }]);
    expect((await series())[1]?.requests).toBe((before[1]?.requests ?? 0) + 1);
    expect(counted((await series())[1]?.latencies ?? [])).toBe(25);
    now += coarseMs;
    await newCollector().look();
    expect(await rows()).toBe(0);
  });

  test('tells of all targets what came lately', async () => {
    requests(6);
    requests(2, 500);
    await lookAfter(2);
    const found = await recentTraffic(connection.db, noon - 60_000);
    expect([...found]).toMatchObject([[targetId, { until: noon + 2_000, counted: { requests: 8, serviceErrors: 2 } }]]);
    expect((await recentTraffic(connection.db, noon + 60_000)).size).toBe(0);
  });

  test('is found by its keys', async () => {
    const plan = async (query: string) =>
      (await connection.db.execute<{ 'QUERY PLAN': string }>(sql.raw(`explain ${query}`))).rows
        .map((row) => row['QUERY PLAN'])
        .join('\n');
    await connection.pool.query(
      "insert into traffic_series select r, 10, now() - s * interval '10 s', now(), 1, 0, 0, 0, 0, 0, '' from generate_series(1, 100) r, generate_series(1, 700) s",
    );
    await connection.pool.query('analyze traffic_series');
    expect(await plan("select * from traffic_series where seconds = 10 and at >= now() - interval '60 s'")).toContain(
      'traffic_series_time',
    );
    expect(
      await plan("select * from traffic_series where release_id in (1, 2) and at >= now() - interval '300 s'"),
    ).toContain('traffic_series_release_id_seconds_at_pk');
  });
});
