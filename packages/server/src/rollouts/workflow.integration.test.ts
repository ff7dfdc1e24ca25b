import { setTimeout as pause } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { updateDeployment } from '../store/deployments.ts';
import type { OpenRequest } from '../traffic/fake/router.ts';
import { RolloutWorld } from './testing/world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.open();
});

afterEach(async () => {
  await world.close();
});

describe('a deployment', () => {
  test('the first one begins to serve', async () => {
    const { row } = await world.run(await world.request('one'));
    expect(row).toMatchObject({ status: 'succeeded', maxWeight: 100 });
    expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
    expect(world.broken).toEqual([]);
  });

  test('the next one takes its place, and the old replicas stop', async () => {
    await world.run(await world.request('one'));
    const { row } = await world.run(await world.request('two'));
    expect(row).toMatchObject({ status: 'succeeded', reason: 'replaced v1' });
    expect(await world.state()).toEqual({ live: 'release/2', routed: ['release/2 100'], running: ['release/2'] });
    expect(world.broken).toEqual([]);
  });

  test('one that never gets healthy leaves the old one serving', async () => {
    await world.run(await world.request('one'));
    world.cluster.knobs.startMs = (release) => (release === 'release/2' ? Number.POSITIVE_INFINITY : 0);
    const { row } = await world.run(await world.request('two', 1_000));
    expect(row).toMatchObject({
      status: 'failed',
      maxWeight: 0,
      reason: expect.stringContaining('not healthy within 1 s'),
    });
    expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
    expect(world.broken).toEqual([]);
  });

  test('the first one that never gets healthy leaves nothing behind', async () => {
    world.cluster.knobs.startMs = () => Number.POSITIVE_INFINITY;
    const { row } = await world.run(await world.request('one', 1_000));
    expect(row.status).toBe('failed');
    expect(await world.state()).toEqual({ live: null, routed: [], running: [] });
  });

  test('a newer one that goes first ends it, and the old one serves on', async () => {
    await world.run(await world.request('one'));
    world.cluster.knobs.startMs = (release) => (release === 'release/2' ? Number.POSITIVE_INFINITY : 0);
    const slow = await world.request('two');
    const ended = world.run(slow);
    await updateDeployment(world.house.db, slow.id, { supersededBy: 99 });
    expect((await ended).row).toMatchObject({ status: 'superseded', reason: 'superseded by deployment 99' });
    expect((await world.state()).routed).toEqual(['release/1 100']);
    expect(world.broken).toEqual([]);
  });

  describe('whose old release has a request that takes very long', () => {
    const drainMs = 600_000;
    let open: OpenRequest;

    beforeEach(async () => {
      await world.run(await world.request('one', 60_000, drainMs));
      open = world.router.open('api.localhost');
    });

    test('a rollback does not wait for it, and cuts nothing off', async () => {
      const second = world.run(await world.request('two', 60_000, drainMs));
      await expect.poll(async () => (await world.state()).live).toBe('release/2');
      const rollback = await world.queue('one', 'rollback', 60_000, drainMs);
      expect((await second).row).toMatchObject({ status: 'succeeded' });
      const third = world.run(await world.begin(rollback));
      await expect.poll(async () => (await world.state()).live).toBe('release/3');
      expect((await world.state()).running.toSorted()).toEqual(['release/1', 'release/2', 'release/3']);
      open.finish();
      expect(await open.answered).toBe(200);
      expect((await third).row).toMatchObject({ status: 'succeeded' });
      expect((await world.state()).running).toEqual(['release/3']);
      expect(world.broken).toEqual([]);
    });

    test('the next push waits its turn', async () => {
      const second = world.run(await world.request('two', 60_000, drainMs));
      await expect.poll(async () => (await world.state()).live).toBe('release/2');
      await world.queue('three', 'run');
      const first = await Promise.race([second.then(() => 'ended'), open.answered, pause(1_000).then(() => 'waits')]);
      expect(first).toBe('waits');
      open.finish();
      expect((await second).row).toMatchObject({ status: 'succeeded' });
      expect((await world.state()).running).toEqual(['release/2']);
    });
  });

  test('a router that comes back late is waited for', async () => {
    world.router.faults.away = 20;
    const { row } = await world.run(await world.request('one'));
    expect(row.status).toBe('succeeded');
  });
});

describe('a teardown', () => {
  test('leaves no route, no replica and nothing live, and a later release begins anew', async () => {
    await world.run(await world.request('one'));
    const { row } = await world.run(await world.teardown());
    expect(row).toMatchObject({ status: 'succeeded', reason: null, cause: 'teardown' });
    expect(await world.state()).toEqual({ live: null, routed: [], running: [] });
    expect(world.cluster.replicas.size).toBe(0);
    expect((await world.run(await world.request('two'))).row).toMatchObject({
      status: 'succeeded',
      fromReleaseId: null,
    });
    expect(await world.state()).toEqual({ live: 'release/2', routed: ['release/2 100'], running: ['release/2'] });
    expect(world.broken).toEqual([]);
  });

  test('waits for the requests that are open, also when a person waits for the next', async () => {
    await world.run(await world.request('one', 60_000, 600_000));
    const open = world.router.open('api.localhost');
    const ended = world.run(await world.teardown());
    await expect.poll(async () => (await world.state()).routed).toEqual([]);
    await world.queue('two', 'promote');
    const first = await Promise.race([ended.then(() => 'ended'), open.answered, pause(1_000).then(() => 'waits')]);
    expect(first).toBe('waits');
    expect(await world.state()).toMatchObject({ live: 'release/1', running: ['release/1'] });
    open.finish();
    expect(await open.answered).toBe(200);
    expect((await ended).row.status).toBe('succeeded');
    expect(world.cluster.replicas.size).toBe(0);
  });

  test('that fails leaves the release serving, and can be asked for again', async () => {
    await world.run(await world.request('one'));
    world.cluster.knobs.refusesRemoval = new TowpathError('part_failed', 'the platform says no');
    const { row } = await world.run(await world.teardown());
    expect(row).toMatchObject({ status: 'failed', reason: expect.stringContaining('the platform says no') });
    expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
    world.cluster.knobs.refusesRemoval = null;
    expect((await world.run(await world.teardown())).row.status).toBe('succeeded');
    expect(await world.state()).toEqual({ live: null, routed: [], running: [] });
  });
});

/** More than a workflow has places to crash at; those beyond its end don't happen. */
const places = Array.from({ length: 14 }, (_, index) => index);

describe('after a crash', () => {
  test.each(places)('at place %i a replacement ends as without one', async (place) => {
    await world.run(await world.request('one'));
    const { row } = await world.run(await world.request('two'), place);
    expect(row.status).toBe('succeeded');
    expect(await world.state()).toEqual({ live: 'release/2', routed: ['release/2 100'], running: ['release/2'] });
    expect(world.broken).toEqual([]);
  });

  test.each(places)('at place %i an abort ends as without one', async (place) => {
    await world.run(await world.request('one'));
    world.cluster.knobs.startMs = (release) => (release === 'release/2' ? Number.POSITIVE_INFINITY : 0);
    const { row } = await world.run(await world.request('two', 1_000), place);
    expect(row.status).toBe('failed');
    expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
    expect(world.broken).toEqual([]);
  });

  test.each(places)('at place %i a teardown ends as without one', async (place) => {
    await world.run(await world.request('one'));
    const { row } = await world.run(await world.teardown(), place);
    expect(row.status).toBe('succeeded');
    expect(await world.state()).toEqual({ live: null, routed: [], running: [] });
    expect(world.cluster.replicas.size).toBe(0);
    expect(world.broken).toEqual([]);
  });

  test('the places cover the whole workflow', async () => {
    await world.run(await world.request('one'));
    const crashed = [];
    for (const place of places) crashed.push((await world.run(await world.request(`r${place}`), place)).crashed);
    expect(crashed.filter(Boolean).length).toBeGreaterThanOrEqual(8);
    expect(crashed.at(-1)).toBe(false);
  });
});
