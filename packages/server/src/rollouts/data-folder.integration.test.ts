import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptFolder } from '../artifacts/data.ts';
import { deploymentById, readLedger } from '../store/deployments.ts';
import { targetById } from '../store/targets.ts';
import { targetScope } from './desired.ts';
import { type More, RolloutWorld } from './testing/world.ts';

let world: RolloutWorld;
let dataDir: string;
/** Two releases were there at once. */
let together: boolean;

beforeEach(async () => {
  world = await RolloutWorld.open();
  dataDir = await mkdtemp(join(tmpdir(), 'towpath-data-'));
  world.folders.of = (service, environment) => keptFolder(dataDir, service, environment);
  together = false;
  const { platform } = world;
  const observe = platform.observe.bind(platform);
  platform.observe = async (target) => {
    const there = (await observe(target)).filter((each) => each.phase !== 'stopped');
    if (new Set(there.map((each) => each.release)).size > 1) together = true;
    return observe(target);
  };
});

afterEach(async () => {
  await world.close();
  await rm(dataDir, { recursive: true });
});

const keeps: More = { data: 'storage', processes: { mailer: { kind: 'worker', command: 'mail' } } };

const ship = (digest: string, more: More = keeps, place = -1) =>
  world.request(digest, 1_000, 1_000, more).then((deployment) => world.run(deployment, place, 'applies'));

const up = () =>
  [...world.cluster.replicas.values()]
    .filter((each) => each.phase !== 'stopping' && each.phase !== 'stopped')
    .map(({ name, process }) => `${name.release} ${name.process} ${process.env.TOWPATH_DATA}`)
    .sort();

const place = async (targetId: number) => {
  const { service, environment } = await targetById(world.house.db, targetId);
  return join(dataDir, 'data', String(service.id), String(environment.id));
};

const both = (release: number, folder: string) => [
  `release/${release} http ${folder}`,
  `release/${release} mailer ${folder}`,
];

test('every process is told of the same folder, release after release, and it is kept', async () => {
  const { row } = await ship('one');
  const folder = await place(row.targetId);
  expect(up()).toEqual(both(1, folder));
  const file = join(folder, 'orders.db');
  await writeFile(file, 'an order');
  await ship('two');
  expect(up()).toEqual(both(2, folder));
  expect(together).toBe(false);
  world.cluster.knobs.startMs = (release) => (release === 'release/3' ? Number.POSITIVE_INFINITY : 0);
  await ship('three');
  await world.run(await world.begin(await world.queue('one', 'rollback', 1_000, 1_000, keeps)));
  const scope = targetScope(row.targetId);
  await world.platform.remove(scope, { scope, epoch: 1_000 });
  expect(await readFile(file, 'utf8')).toBe('an order');
});

test('is announced before it begins', async () => {
  await ship('one');
  const queued = await world.queue('two', 'run', 1_000, 1_000, keeps);
  expect(queued).toMatchObject({ strategy: 'recreate', reason: expect.stringContaining('stops before the new') });
  expect(queued.plan.map((step) => step.kind)).toEqual(['stop', 'start', 'shift', 'finish']);
  await world.run(await world.begin(queued));
  const told = (await readLedger(world.house.db, queued.id)).map((each) => each.what);
  expect(told.indexOf('stop')).toBeLessThan(told.indexOf('start'));
});

test('a release without one has no folder and interrupts nobody', async () => {
  const { row } = await ship('one', {});
  expect(up()).toEqual(['release/1 http undefined']);
  expect((await deploymentById(world.house.db, row.id)).strategy).toBe('all-at-once');
});

const places = Array.from({ length: 18 }, (_, index) => index);

describe('after a crash', () => {
  test.each([-1, ...places])('at place %i a replacement ends as without one', async (at) => {
    await ship('one');
    const { row } = await ship('two', keeps, at);
    expect(row.status).toBe('succeeded');
    expect(up()).toEqual(both(2, await place(row.targetId)));
    expect(await world.state()).toMatchObject({ live: 'release/2', routed: ['release/2 100'] });
    expect(together).toBe(false);
    expect(world.broken).toEqual([]);
  });

  test.each([-1, ...places])('at place %i the old one comes back as without one', async (at) => {
    await ship('one');
    world.cluster.knobs.startMs = (release) => (release === 'release/2' ? Number.POSITIVE_INFINITY : 0);
    const { row } = await ship('two', keeps, at);
    expect(row.status).toBe('failed');
    expect(up()).toEqual(both(1, await place(row.targetId)));
    expect(await world.state()).toMatchObject({ live: 'release/1', routed: ['release/1 100'] });
    expect(together).toBe(false);
    expect(world.broken).toEqual([]);
  });
});
