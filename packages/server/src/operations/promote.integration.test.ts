import { afterEach, beforeEach, expect, test } from 'vitest';
import { setConfig } from './config.ts';
import { hold } from './hold.ts';
import { type Promotion, promote } from './promote.ts';
import { getDeployment, listReleases } from './read.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;
const production = { service: 'api', environment: 'production' };

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const ended = async ({ deployment }: { deployment: number }) => {
  const over = async () => {
    const now = await getDeployment(world.house, ada, { deployment });
    return now.endedAt === null ? null : now;
  };
  return world.house.changes.until('deployment', deployment, over, { pollMs: 200 });
};

const bring = (given: Partial<Promotion> = {}) => promote(world.house, bob, { ...production, ...given });

const live = () => {
  const replicas = [...world.house.platform.cluster.replicas.values()];
  return replicas.find((each) => each.phase === 'running' && each.process.env.TOWPATH_TARGET === 'shop/api/production');
};

test('brings what is live in the environment before, with the config of this one', async () => {
  const entries = (environment: string, colour: string) =>
    setConfig(world.house, ada, { service: 'api', environment, config: { COLOUR: colour }, secrets: { T: colour } });
  await entries('staging', 'red');
  await entries('production', 'green');
  const { artifact } = await world.until(await world.push('first'), 'waiting');
  const done = await ended(await bring());
  expect(done).toMatchObject({ status: 'succeeded', cause: 'promote', artifact, requestedBy: 'bob', run: null });
  expect(live()?.process.env).toMatchObject({ COLOUR: 'green', T: 'green', TOWPATH_RELEASE: 'v1' });
  const built = [...world.house.executor.machine.commands.keys()].filter((key) => key.includes(':build:'));
  expect(built).toEqual([]);
  expect(await world.events()).toContain('release.created by bob');
});

test('brings an earlier version when it is named', async () => {
  const first = await world.until(await world.push('first'), 'waiting');
  await world.until(await world.push('second'), 'waiting');
  expect(await ended(await bring({ version: 1 }))).toMatchObject({ artifact: first.artifact, status: 'succeeded' });
});

test('goes past a hold, and leaves it', async () => {
  await world.until(await world.push('first'), 'waiting');
  await hold(world.house, ada, production);
  expect(await ended(await bring())).toMatchObject({ status: 'succeeded' });
  expect((await world.target('production')).row.heldBy).toBe('ada');
});

test('by two at once ends with one release live, and both know their end', async () => {
  await world.until(await world.push('first'), 'waiting');
  const both = await Promise.all([bring(), promote(world.house, ada, production)]);
  const ends = await Promise.all(both.map(ended));
  expect(ends.map((each) => each.status)).toContain('succeeded');
  for (const { status } of ends) expect(['succeeded', 'superseded']).toContain(status);
  const { releases } = await listReleases(world.house, ada, { ...production, limit: 10 });
  expect(releases.map((each) => each.version)).toEqual([2, 1]);
  expect(releases.filter((each) => each.live)).toHaveLength(1);
});

test.each([
  ['nothing is released before it', {}, 'no_release', /^api has no release in staging yet$/],
  ['itself', { from: 'production' }, 'bad_request', /^production cannot be promoted to itself$/],
  ['an environment that there is not', { from: 'moon' }, 'unknown_environment', /it has staging, production$/],
  ['nothing stands before it', { environment: 'staging' }, 'bad_request', /^no environment stands before staging/],
  ['a version that there is not', { version: 7 }, 'unknown_release', /^api has no release v7 in staging$/],
])('is refused: %s', async (_what, given, code, message) => {
  await expect(bring(given)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await world.events()).toEqual(['service.created by ada']);
});
