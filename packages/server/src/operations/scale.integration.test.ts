import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDeployments } from '../store/deployments.ts';
import { listReleases } from '../store/releases.ts';
import { scale } from './scale.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const to = (replicas: number, actor = ada) =>
  scale(world.house, actor, { service: 'api', environment: 'staging', process: 'http', replicas });

const running = () =>
  [...world.house.platform.cluster.replicas.values()].filter((each) => each.phase === 'running').length;

const settled = async () => {
  world.work();
  const none = async () => ((await openDeployments(world.house.db)).length === 0 ? true : null);
  await world.house.changes.until('deployment', null, none, { pollMs: 100 });
};

test('before the first release the number is kept for it', async () => {
  expect((await to(2)).environments[0]).toMatchObject({ replicas: 2, deployment: null });
  await world.until(await world.push('first'), 'waiting');
  expect(running()).toBe(2);
});

describe('what is live', () => {
  beforeEach(async () => {
    await world.until(await world.push('first'), 'waiting');
  });

  test('is brought to the number, without a release', async () => {
    expect((await to(3, bob)).environments[0]?.deployment).not.toBeNull();
    await settled();
    expect(running()).toBe(3);
    const { row } = await world.target('staging');
    expect(await listReleases(world.house.db, row.id, 10)).toHaveLength(1);
    expect(await world.events()).toContain('target.scaled by bob');
    await to(1);
    await settled();
    expect(running()).toBe(1);
  });

  test('to the number that it has, nothing happens', async () => {
    const events = await world.events();
    expect((await to(1)).environments[0]).toMatchObject({ replicas: 1, deployment: null });
    expect(await world.events()).toEqual(events);
  });

  test('to none: nothing runs, and it comes back', async () => {
    await to(0);
    await settled();
    expect(running()).toBe(0);
    expect(world.house.router.router.table?.routes.flatMap((route) => route.backends)).toMatchObject([
      { replicas: [] },
    ]);
    await to(2);
    await settled();
    expect(running()).toBe(2);
  });

  test('by several at once ends with one of the numbers, whole', async () => {
    await Promise.all([to(3), to(5, bob), to(2)]);
    await settled();
    const { row } = await world.target('staging');
    expect([2, 3, 5]).toContain(row.replicas);
    expect(running()).toBe(row.replicas);
  });

  test('during a deployment the new release gets the number', async () => {
    world.house.platform.cluster.knobs.startMs = () => 300;
    const run = await world.push('second');
    const begun = async () => ((await openDeployments(world.house.db)).length > 0 ? true : null);
    await world.house.changes.until('deployment', null, begun, { pollMs: 20 });
    await to(3);
    await world.until(run, 'waiting');
    await settled();
    const live = [...world.house.platform.cluster.replicas.values()].filter((each) => each.phase === 'running');
    expect(new Set(live.map((each) => each.process.env.TOWPATH_RELEASE))).toEqual(new Set(['v2']));
    expect(live).toHaveLength(3);
  });
});
