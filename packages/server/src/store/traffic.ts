import { releaseIdOf } from '../domain/rollout/route.ts';
import {
  type Before,
  coarseMs,
  collect,
  fineMs,
  type Look,
  minuteMs,
  type StepCounts,
} from '../domain/traffic/collect.ts';
import { addedUp, type Counted } from '../domain/traffic/counted.ts';
import { packed, unpacked } from '../domain/traffic/latencies.ts';
import { notify } from './changes.ts';
import { type Db, transaction } from './connect.ts';
import { and, asc, eq, inArray, lt, notInArray, sql } from './drizzle.ts';
import { releases, trafficInstances, trafficSeen, trafficSeries } from './schema.ts';

/** Rows that go into one statement: each takes some dozen of its 65,535 parameters. */
const rowsAtOnce = 1_000;
const fineSeconds = 10;
const coarseSeconds = 60;
/** How much of the fine series is rolled up in one transaction. */
const rollUpMs = 10 * minuteMs;
/** An instance that nobody told of for so long is forgotten: longer than routers tell of one that ended, else it would be counted again. */
const forgetMs = coarseMs;

type SeriesRow = typeof trafficSeries.$inferInsert;

/** As the database has it. */
type Packed = Omit<Counted, 'latencies'> & { readonly latencies: Uint8Array };

const columns = ({ latencies, ...ends }: Counted) => ({ ...ends, latencies: packed(latencies) });
const countedOf = ({
  requests,
  serviceErrors,
  routerErrors,
  broken,
  aborted,
  streams,
  latencies,
}: Packed): Counted => ({
  ...{ requests, serviceErrors, routerErrors, broken, aborted, streams },
  latencies: unpacked(latencies),
});

/**
 * Takes over what these looks tell beyond what is in the series already. Any number of servers may tell the same: each request is counted
 * once. `lookedAt`: when the caller looked at an instance last, in ms since 1970; without it what the database knows of that counts.
 */
export async function recordLooks(
  db: Db,
  looks: readonly Look[],
  now: number,
  lookedAt: ReadonlyMap<string, number>,
): Promise<void> {
  await transaction(db, async (tx) => {
    // Whoever waits here reads what the one before has written.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('traffic', 0))`);
    for (const look of looks) {
      const ids = await existing(tx, look);
      const before = await readBefore(tx, look.instance, ids);
      const { steps, seen } = collect(
        look,
        { ...before, lookedAt: lookedAt.get(look.instance) ?? before.lookedAt },
        now,
      );
      const at = new Date(now);
      await tx
        .insert(trafficInstances)
        .values({ instance: look.instance, lookedAt: at })
        .onConflictDoUpdate({ target: trafficInstances.instance, set: { lookedAt: at } });
      const isThere = ({ release }: { readonly release: number }): boolean => ids.includes(release);
      await addSteps(tx, steps.filter(isThere), fineSeconds);
      for (const rows of batches(seen.filter(isThere))) {
        await tx
          .insert(trafficSeen)
          .values(
            rows.map(({ release, since, counted }) => ({
              instance: look.instance,
              releaseId: release,
              since,
              ...columns(counted),
            })),
          )
          .onConflictDoUpdate({ target: [trafficSeen.instance, trafficSeen.releaseId], set: replaced });
      }
    }
    await notify(tx, ['traffic', 'new']);
  });
}

/** A router's table may name releases of another database: a row of theirs would never be asked for. */
async function existing(tx: Db, { releases: told }: Look): Promise<number[]> {
  const ids = Object.keys(told).flatMap((key) => releaseIdOf(key) ?? []);
  if (ids.length === 0) return [];
  const rows = await tx.select({ id: releases.id }).from(releases).where(inArray(releases.id, ids));
  return rows.map(({ id }) => id);
}

async function readBefore(tx: Db, instance: string, ids: number[]): Promise<Before> {
  const [known] = await tx.select().from(trafficInstances).where(eq(trafficInstances.instance, instance));
  const { instance: of, releaseId } = trafficSeen;
  const rows =
    known === undefined || ids.length === 0
      ? []
      : await tx
          .select()
          .from(trafficSeen)
          .where(and(eq(of, instance), inArray(releaseId, ids)));
  return {
    lookedAt: known?.lookedAt.getTime() ?? null,
    seen: new Map(rows.map((row) => [row.releaseId, { since: row.since, counted: countedOf(row) }])),
  };
}

const replaced = {
  since: sql`excluded.since`,
  requests: sql`excluded.requests`,
  serviceErrors: sql`excluded.service_errors`,
  routerErrors: sql`excluded.router_errors`,
  broken: sql`excluded.broken`,
  aborted: sql`excluded.aborted`,
  streams: sql`excluded.streams`,
  latencies: sql`excluded.latencies`,
};

const increased = {
  until: sql`greatest(${trafficSeries.until}, excluded.until)`,
  requests: sql`${trafficSeries.requests} + excluded.requests`,
  serviceErrors: sql`${trafficSeries.serviceErrors} + excluded.service_errors`,
  routerErrors: sql`${trafficSeries.routerErrors} + excluded.router_errors`,
  broken: sql`${trafficSeries.broken} + excluded.broken`,
  aborted: sql`${trafficSeries.aborted} + excluded.aborted`,
  streams: sql`${trafficSeries.streams} + excluded.streams`,
  latencies: sql`${trafficSeries.latencies} || excluded.latencies`,
};

async function addSteps(tx: Db, steps: readonly StepCounts[], seconds: number): Promise<void> {
  for (const batch of batches(steps)) {
    const rows: SeriesRow[] = batch.map(({ release, at, until, counted }) => ({
      ...{ releaseId: release, seconds, at: new Date(at), until: new Date(until) },
      ...columns(counted),
    }));
    const key = [trafficSeries.releaseId, trafficSeries.seconds, trafficSeries.at];
    await tx.insert(trafficSeries).values(rows).onConflictDoUpdate({ target: key, set: increased });
  }
}

function batches<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / rowsAtOnce);
  return Array.from({ length: count }, (_, index) => all.slice(index * rowsAtOnce, (index + 1) * rowsAtOnce));
}

/** Puts steps that are older than the fine series goes back into minutes, and removes those older than all of it. */
export async function rollUpTraffic(db: Db, now: number): Promise<void> {
  const upTo = Math.floor((now - fineMs) / minuteMs) * minuteMs;
  while (await rollUpOldest(db, upTo));
  const { seconds, at } = trafficSeries;
  await db.delete(trafficSeries).where(and(eq(seconds, coarseSeconds), lt(at, new Date(now - coarseMs))));
}

/** False: there was nothing left to do. */
async function rollUpOldest(db: Db, upTo: number): Promise<boolean> {
  const { seconds, at } = trafficSeries;
  const fine = eq(seconds, fineSeconds);
  const [oldest] = await db.select({ at }).from(trafficSeries).where(fine).orderBy(asc(at)).limit(1);
  if (oldest === undefined || oldest.at.getTime() >= upTo) return false;
  const first = Math.floor(oldest.at.getTime() / minuteMs) * minuteMs;
  const before = new Date(Math.min(upTo, first + rollUpMs));
  await transaction(db, async (tx) => {
    const rows = await tx
      .delete(trafficSeries)
      .where(and(fine, lt(at, before)))
      .returning();
    const minutes = Map.groupBy(rows, (row) => `${row.releaseId} ${Math.floor(row.at.getTime() / minuteMs)}`);
    const steps = [...minutes.values()].flatMap(([head, ...others]) => {
      if (head === undefined) return [];
      const all = [head, ...others];
      return {
        release: head.releaseId,
        at: Math.floor(head.at.getTime() / minuteMs) * minuteMs,
        until: Math.max(...all.map(({ until }) => until.getTime())),
        counted: addedUp(all.map(countedOf)),
      };
    });
    await addSteps(tx, steps, coarseSeconds);
  });
  return true;
}

/** An idle look, so that a later one knows since when nothing came; and of instances not among these nothing is known after long. */
export async function noteLooks(db: Db, instances: readonly string[], now: number): Promise<void> {
  const { instance, lookedAt } = trafficInstances;
  const at = new Date(now);
  const rows = instances.map((each) => ({ instance: each, lookedAt: at }));
  await db
    .insert(trafficInstances)
    .values(rows)
    .onConflictDoUpdate({ target: instance, set: { lookedAt: at } });
  const longAgo = new Date(now - forgetMs);
  await db.delete(trafficInstances).where(and(notInArray(instance, [...instances]), lt(lookedAt, longAgo)));
}
