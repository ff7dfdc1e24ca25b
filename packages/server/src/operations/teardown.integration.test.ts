import { TowpathError } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { getConfig, setConfig } from './config.ts';
import { listReleases } from './list-releases.ts';
import { promote } from './promote.ts';
import { getDeployment } from './read.ts';
import { scale } from './scale.ts';
import { planTeardown, teardown } from './teardown.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;
const staging = { service: 'api', environment: 'staging' };

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const down = (given: object = {}) =>
  teardown(world.house, bob, { ...staging, confirm: 'api/staging', config: false, ...given });
const ended = ({ deployment }: { deployment: number }) => {
  const over = async () => {
    const now = await getDeployment(world.house, ada, { deployment });
    return now.endedAt === null ? null : now;
  };
  return world.house.changes.until('deployment', deployment, over, { pollMs: 200 });
};
const running = () => [...world.house.platform.cluster.replicas.values()].map((each) => each.name.release);
const routed = () => world.house.router.router.table?.routes.flatMap((route) => route.hosts) ?? [];
const config = (colour: string) =>
  setConfig(world.house, ada, { ...staging, config: { COLOUR: colour }, secrets: { TOKEN: 'x' } });

describe('what is live', () => {
  beforeEach(async () => {
    await config('red');
    await world.until(await world.push('first'), 'waiting');
  });

  test('goes: routes, replicas; its record and config stay, and the next push deploys anew', async () => {
    expect(routed()).toEqual(['api-staging.localhost']);
    const done = await ended(await down());
    expect(done).toMatchObject({
      status: 'succeeded',
      cause: 'teardown',
      strategy: 'teardown',
      version: 1,
      requestedBy: 'bob',
    });
    expect(done.ledger.map((each) => each.what)).toEqual(['withdraw', 'withdrawn', 'removed']);
    expect([running(), routed(), (await world.target('staging')).row.releaseId]).toEqual([[], [], null]);
    const { releases } = await listReleases(world.house, ada, { ...staging, limit: 10 });
    expect(releases).toMatchObject([{ version: 1, live: false }]);
    expect(await getConfig(world.house, ada, staging)).toEqual({ config: { COLOUR: 'red' }, secrets: ['TOKEN'] });
    expect(await world.events()).toContain('target.torn_down by bob');
    await world.until(await world.push('second'), 'waiting');
    expect(routed()).toEqual(['api-staging.localhost']);
    expect((await listReleases(world.house, ada, { ...staging, limit: 1 })).releases).toMatchObject([
      { version: 2, live: true },
    ]);
  });

  test('takes its config along when that is asked for', async () => {
    await ended(await down({ config: true }));
    expect(await getConfig(world.house, ada, staging)).toEqual({ config: {}, secrets: [] });
  });

  test('is told of before, and by the refusal of who does not repeat its name', async () => {
    const plan = await planTeardown(world.house, ada, { ...staging, config: false });
    expect(plan).toEqual({
      confirm: 'api/staging',
      live: true,
      removes: ['v1 of api/staging with 1 replica', 'its address http://api-staging.localhost:8080'],
      keeps: ['1 variable and 1 secret of api/staging', 'the record of 1 release', 'data folders'],
      notes: [],
    });
    for (const confirm of [undefined, '', 'api', 'staging', 'api/production']) {
      await expect(down({ confirm })).rejects.toMatchObject({
        code: 'not_confirmed',
        message: expect.stringMatching(/^this removes v1 of api\/staging .* repeat "api\/staging" to confirm$/),
      });
    }
    expect(await world.events()).not.toContain('target.torn_down by bob');
    expect(routed()).toEqual(['api-staging.localhost']);
    expect(await ended(await down({ confirm: 'shop/api/staging' }))).toMatchObject({ status: 'succeeded' });
  });

  test('torn down by two at once goes once', async () => {
    const both = await Promise.all([down(), down()]);
    expect(new Set(both.map((each) => each.deployment)).size).toBe(1);
    expect((await world.events()).filter((event) => event.startsWith('target.torn_down'))).toHaveLength(1);
    world.work();
    await Promise.all(both.map(ended));
  });

  test('is not brought back by config and scaling that are asked for meanwhile, and has them when it comes', async () => {
    const queued = await down();
    const changed = config('green');
    expect((await changed).deployment).toBeNull();
    await scale(world.house, ada, { ...staging, replicas: 2, process: 'http' });
    await ended(queued);
    expect([running(), routed()]).toEqual([[], []]);
    const shipped = promote(world.house, ada, { service: 'api', environment: 'staging', from: 'production' });
    await expect(shipped).rejects.toMatchObject({ code: 'no_release' });
    await world.until(await world.push('second'), 'waiting');
    const replicas = [...world.house.platform.cluster.replicas.values()];
    expect(replicas.map((each) => each.process.env.COLOUR)).toEqual(['green', 'green']);
  });

  test('on a platform that refuses serves on, and may be torn down again', async () => {
    const { knobs } = world.house.platform.cluster;
    knobs.refusesRemoval = new TowpathError('part_failed', 'no');
    expect(await ended(await down())).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^no\./) });
    expect(routed()).toEqual(['api-staging.localhost']);
    knobs.refusesRemoval = null;
    expect(await ended(await down())).toMatchObject({ status: 'succeeded' });
  });
});

test('what is on its way is called back, and its run says by whom', async () => {
  world.house.platform.cluster.knobs.startMs = () => Number.POSITIVE_INFINITY;
  const run = await world.push('first');
  world.work();
  await expect.poll(() => running().length).toBe(1);
  const asked = await down();
  expect(await world.until(run, 'superseded')).toMatchObject({
    reason: expect.stringContaining(`superseded by deployment ${asked.deployment}`),
  });
  expect(await ended(asked)).toMatchObject({ status: 'succeeded' });
  expect([running(), routed()]).toEqual([[], []]);
});

test('a run on its way there is told of', async () => {
  const run = await world.push('first');
  const { notes } = await planTeardown(world.house, ada, { ...staging, config: false });
  expect(notes).toEqual([`#${run} would deploy there again: towpath cancel <run>`]);
  await world.until(run, 'waiting');
});

test.each([
  ['nothing is live', staging, 'no_release', 'nothing of api is live in staging'],
  ['an environment that there is not', { environment: 'moon' }, 'unknown_environment', /it has staging, production$/],
  ['a service that there is not', { service: 'web' }, 'unknown_service', 'there is no service "web"'],
])('is refused: %s', async (_what, given, code, message) => {
  await expect(down(given)).rejects.toMatchObject({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});
