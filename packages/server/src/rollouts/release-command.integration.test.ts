import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Script } from '../executors/script.ts';
import { updateDeployment } from '../store/deployments.ts';
import { releaseCommandKey } from './steps/release.ts';
import { type More, RolloutWorld } from './testing/world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.open();
});

afterEach(async () => {
  await world.close();
});

const migrates: More = { release: 'migrate', env: { LEVEL: 'info' } };

const does = (...script: Script) => {
  world.machine.knobs.script = () => [{ do: 'mark', name: 'migrated' }, ...script];
};
const times = () => world.machine.marks('migrated').count;

const ship = (digest: string, more: More, place = -1) =>
  world.request(digest, 1_000, 1_000, more).then((deployment) => world.run(deployment, place, 'applies'));

test('runs before anything of the release starts, with its folder and environment', async () => {
  await ship('one', {});
  let running: string[] = [];
  world.machine.knobs.script = () => {
    running = [...world.cluster.replicas.values()].map(({ name }) => name.release);
    return [];
  };
  const { row } = await ship('two', migrates);
  expect(row.status).toBe('succeeded');
  expect(running).toEqual(['release/1']);
  const command = world.machine.commands.get(releaseCommandKey(row.id));
  expect(command?.scope).toBe(`target/${row.targetId}`);
  expect(command?.command).toMatchObject({
    argv: ['sh', '-c', 'migrate'],
    cwd: '/two',
    env: { LEVEL: 'info', TOWPATH_RELEASE: 'v2' },
    timeoutMs: 1_800_000,
  });
  expect(command?.command.env).not.toHaveProperty('PORT');
});

test('that fails leaves the old release serving, and its last line is the reason', async () => {
  await ship('one', {});
  does({ do: 'print', text: 'connecting\nno such table: users\n' }, { do: 'exit', code: 3 });
  const { row } = await ship('two', migrates);
  expect(row).toMatchObject({
    status: 'failed',
    maxWeight: 0,
    reason: 'the release command exited with code 3: no such table: users',
  });
  expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
});

test('is ended when a person goes back meanwhile', async () => {
  await ship('one', {});
  does({ do: 'await-gate', name: 'never' });
  const deployment = await world.request('two', 1_000, 1_000, migrates);
  const ended = world.run(deployment);
  await expect.poll(times).toBe(1);
  await updateDeployment(world.house.db, deployment.id, { supersededBy: 99 });
  expect((await ended).row).toMatchObject({ status: 'superseded' });
  expect(world.machine.marks('migrated').alive).toBe(0);
  expect((await world.state()).running).toEqual(['release/1']);
});

test('does not run on the way back', async () => {
  does();
  await ship('one', migrates);
  await ship('two', migrates);
  expect(times()).toBe(2);
  const back = await world.begin(await world.queue('one', 'rollback', 1_000, 1_000, migrates));
  expect((await world.run(back)).row.status).toBe('succeeded');
  expect(times()).toBe(2);
});

const places = Array.from({ length: 14 }, (_, index) => index);

describe('after a crash', () => {
  test.each(places)('at place %i it has run once', async (place) => {
    await ship('one', {});
    does();
    expect((await ship('two', migrates, place)).row.status).toBe('succeeded');
    expect(times()).toBe(1);
    expect(await world.state()).toEqual({ live: 'release/2', routed: ['release/2 100'], running: ['release/2'] });
    expect(world.broken).toEqual([]);
  });
});
