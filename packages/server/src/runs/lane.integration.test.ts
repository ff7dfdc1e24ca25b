import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LocalEngine } from '../engine/testing/local-engine.ts';
import { type Db, transaction } from '../store/connect.ts';
import { endRun, lockRun, nextSegment, type RunRow, runById, stagesOf, updateRun } from '../store/runs.ts';
import type { ServiceRow } from '../store/services.ts';
import { beginAttempt, outcome, RunAct, recordOutcome } from './act.ts';
import { runLane } from './lane.ts';
import { supersedeWaiting } from './supersede.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;
let service: ServiceRow;

beforeAll(async () => {
  world = await RunWorld.open();
});

beforeEach(async () => {
  service = await world.service();
});

afterAll(async () => {
  await world.close();
});

/** As another server has it: what was started before it knows nothing of. */
function lane(limit = 100) {
  const engine = new LocalEngine();
  const started: string[] = [];
  engine.define('run', async (context) => {
    started.push(context.id);
  });
  return { dispatch: () => runLane(world.house.db, engine, limit).dispatch(), started };
}

const now = (run: RunRow) => runById(world.house.db, run.id);
const cancelled = { status: 'cancelled', reason: 'cancelled by bob' } as const;
const end = (db: Db, run: RunRow) => endRun(db, run.id, cancelled, { status: 'skipped', reason: '' });

/** Changes the run in a transaction that commits only when `then` has read the row as it was before, and waits for it. */
async function meanwhile(run: RunRow, change: (db: Db, row: RunRow) => Promise<unknown>, then: () => Promise<void>) {
  const { db, changes } = world.house;
  const { promise: held, resolve: nowHeld } = Promise.withResolvers<void>();
  const { promise: go, resolve: commit } = Promise.withResolvers<void>();
  const changed = transaction(db, async (tx) => {
    const row = await lockRun(tx, run.id);
    nowHeld();
    await go;
    await change(tx, row);
  });
  await held;
  const done = then();
  const blocked = async () => ((await db.execute('select 1 from pg_locks where not granted')).rowCount ? true : null);
  await changes.until('run', null, blocked, { pollMs: 20 });
  commit();
  await Promise.all([changed, done]);
}

test('a queued run begins, once, also when its start was lost', async () => {
  const run = await world.push(service);
  const first = lane();
  await first.dispatch();
  await first.dispatch();
  expect(first.started).toEqual([`run/${run.id}/0`]);
  const afterCrash = lane();
  await afterCrash.dispatch();
  expect(afterCrash.started).toEqual([`run/${run.id}/0`]);
  expect(await now(run)).toMatchObject({ status: 'running', reason: null });
  await end(world.house.db, run);
});

test('two servers admit no more than the limit', async () => {
  const runs = [];
  for (let count = 0; count < 4; count++) runs.push(await world.push(await world.service()));
  const servers = [lane(2), lane(2)];
  await Promise.all(servers.map((server) => server.dispatch()));
  const statuses = (await Promise.all(runs.map(now))).map((run) => run.status);
  expect(statuses).toEqual(['running', 'running', 'queued', 'queued']);
  for (const run of runs) await end(world.house.db, run);
});

test('a run that is cancelled in the moment of its admission stays cancelled', async () => {
  const run = await world.push(service);
  const server = lane();
  await meanwhile(run, (db) => end(db, run), server.dispatch);
  expect(await now(run)).toMatchObject(cancelled);
  expect(server.started).not.toContain(`run/${run.id}/0`);
});

test('a queued run that is cancelled in the moment in which a newer one takes its place stays cancelled', async () => {
  const run = await world.push(service);
  const newer = await world.push(service);
  await meanwhile(run, (db) => end(db, run), lane().dispatch);
  expect(await now(run)).toMatchObject(cancelled);
  await end(world.house.db, newer);
});

test('a waiting run that is approved in the moment in which a newer one asks goes on', async () => {
  const [run, newer] = [await world.begin(await world.push(service)), await world.push(service)];
  expect(run.status).toBe('waiting');
  await meanwhile(
    run,
    (db, row) => nextSegment(db, row, 6),
    () => transaction(world.house.db, (tx) => supersedeWaiting(tx, newer, 'production')),
  );
  expect(await now(run)).toMatchObject({ status: 'running', segment: 1, endedAt: null });
  for (const each of [run, newer]) await end(world.house.db, each);
});

test('a newer run takes the question of an older one over', async () => {
  const older = await world.begin(await world.push(service));
  const newer = await world.begin(await world.push(service));
  expect(await now(older)).toMatchObject({ status: 'superseded', supersededBy: newer.id, deadline: null });
  expect(newer.status).toBe('waiting');
  expect((await stagesOf(world.house.db, older.id)).map((stage) => stage.status).slice(5)).toEqual([
    'superseded',
    'superseded',
  ]);
});

test('a run that was cancelled in the moment before it would wait does not wait', async () => {
  const { db } = world.house;
  const run = await world.push(service);
  await updateRun(db, run.id, { status: 'running' });
  const act = await RunAct.begin(world.house, run.id, 0);
  const approval = (await stagesOf(db, run.id))[5];
  if (act === null || approval === undefined) throw new Error('the run did not begin');
  const attempt = await beginAttempt(act, approval);
  await updateRun(db, run.id, { cancelledBy: 'bob' });
  const waits = outcome('waiting', 'waits for approval', { deadline: new Date(Date.now() + 60_000).toISOString() });
  expect(await recordOutcome(attempt, waits)).toMatchObject({ status: 'cancelled', reason: 'cancelled by bob' });
  expect(await now(run)).toMatchObject({ status: 'running', deadline: null });
  expect((await stagesOf(db, run.id))[5]).toMatchObject({ status: 'cancelled', deadline: null });
});

test('a run that waits for a free slot ends when it is cancelled', async () => {
  const { db, slots } = world.house;
  const { promise: busy, resolve: free } = Promise.withResolvers<void>();
  const others = Array.from({ length: 4 }, () => slots.run(() => busy));
  service = await world.service({ start: 'serve', test: 'check' });
  const run = await world.push(service);
  const ended = world.begin(run);
  await world.house.changes.until('run', run.id, async () => (slots.queued > 0 ? true : null), { pollMs: 20 });
  await updateRun(db, run.id, { cancelledBy: 'bob' });
  expect(await ended).toMatchObject({ status: 'cancelled', reason: 'unit: cancelled by bob' });
  expect(world.executor.machine.commands.has(`${run.id}:unit:1`)).toBe(false);
  free();
  await Promise.all(others);
});
