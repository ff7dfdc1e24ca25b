import { afterEach, beforeEach, expect, test } from 'vitest';
import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import { runDetail } from './show/run.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { start: 'serve', test: 'check' });
});

afterEach(async () => {
  await world.close();
});

const stages = async (run: number) =>
  Object.fromEntries(
    (await runDetail(world.house.db, run)).stages.map((each) => [each.name, [each.status, each.reason]]),
  );

test('a queued run ends at once', async () => {
  const run = await world.push('first');
  expect(await cancel(world.house, bob, { run })).toMatchObject({ status: 'cancelled', reason: 'cancelled by bob' });
  expect(new Set(Object.values(await stages(run)).map(String))).toEqual(new Set(['skipped,cancelled by bob']));
  expect(await world.events()).toEqual([
    'service.created by ada',
    'run.queued by ada',
    'run.cancelled by bob',
    'run.ended by towpath',
  ]);
});

test('a waiting run ends at once, and is not asked about any more', async () => {
  const run = await world.push('first');
  await world.until(run, 'waiting');
  expect(await cancel(world.house, bob, { run })).toMatchObject({ status: 'cancelled', deadline: null });
  expect(await stages(run)).toMatchObject({
    'deploy staging': ['succeeded', null],
    'approval production': ['cancelled', 'cancelled by bob'],
    'deploy production': ['skipped', 'cancelled by bob'],
  });
  await expect(approve(world.house, ada, { run, approve: true })).rejects.toMatchObject({ code: 'not_waiting' });
});

test('a run whose command runs ends with it', async () => {
  const { machine } = world.house.executor;
  machine.knobs.script = () => [
    { do: 'mark', name: 'begun' },
    { do: 'await-gate', name: 'never' },
  ];
  const run = await world.push('first');
  world.work();
  await world.house.changes.until('run', run, async () => (machine.marks('begun').count > 0 ? true : null), {
    pollMs: 50,
  });
  expect(await cancel(world.house, bob, { run })).toMatchObject({ status: 'running', reason: 'cancelled by bob' });
  await world.until(run, 'cancelled');
  expect(machine.marks('begun').alive).toBe(0);
  expect(await stages(run)).toMatchObject({
    unit: ['cancelled', 'cancelled by bob'],
    build: ['skipped', 'cancelled by bob'],
    'deploy production': ['skipped', 'cancelled by bob'],
  });
  expect(await runDetail(world.house.db, run)).toMatchObject({ reason: 'unit: cancelled by bob' });
});

test('a run whose deployment waits for its turn ends at once', async () => {
  await world.ship('first');
  world.house.platform.cluster.knobs.startMs = () => Number.POSITIVE_INFINITY;
  const other = await world.push('other', 'main');
  const { changes, db } = world.house;
  const deploying = async (id: number) => {
    const { stages } = await runDetail(db, id);
    return stages.find((each) => each.name === 'deploy staging')?.deployment ?? null;
  };
  await changes.until('run', other, () => deploying(other), { pollMs: 100 });
  const queued = await world.push('queued', 'main');
  await changes.until('run', queued, () => deploying(queued), { pollMs: 100 });
  await cancel(world.house, bob, { run: queued });
  await world.until(queued, 'cancelled');
  expect(await runDetail(db, other)).toMatchObject({ status: 'running' });
  await cancel(world.house, bob, { run: other });
  await world.until(other, 'cancelled');
});

test('twice is once', async () => {
  const run = await world.push('first');
  const both = await Promise.allSettled([cancel(world.house, ada, { run }), cancel(world.house, bob, { run })]);
  expect(both.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(cancel(world.house, ada, { run })).rejects.toMatchObject({
    code: 'already_ended',
    message: `run #${run} has ended: cancelled`,
  });
});

test('while the dispatcher admits it: it ends, whoever is first', async () => {
  world.work();
  for (let round = 0; round < 5; round++) {
    const run = await world.push(`round ${round}`);
    await cancel(world.house, bob, { run });
    await world.until(run, 'cancelled');
  }
});
