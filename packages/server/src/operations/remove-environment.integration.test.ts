import { EnvironmentInput, TowpathError } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { sql } from '../store/drizzle.ts';
import { setEnvironment } from '../store/environments.ts';
import { setConfig } from './config.ts';
import { addEnvironment, listEnvironments } from './environments.ts';
import { hold } from './hold.ts';
import { listReleases } from './list-releases.ts';
import { promote } from './promote.ts';
import { getService } from './read.ts';
import { planRemoval, removeEnvironment } from './remove-environment.ts';
import { startRun } from './start-run.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;
const qa = { service: 'api', environment: 'qa' };
const named = { project: 'shop', environment: 'qa' };

beforeEach(async () => {
  world = await World.open();
  await world.service();
  await add();
});

afterEach(async () => {
  await world.close();
});

const add = (given: object = {}) => {
  const input = EnvironmentInput.parse({ name: 'qa', branch: 'develop', ...given });
  return addEnvironment(world.house, ada, { project: 'shop', ...input });
};
const remove = (given: object = {}) =>
  removeEnvironment(world.house, bob, { ...named, confirm: 'qa', teardown: false, ...given });
const names = async () =>
  (await listEnvironments(world.house, ada, { project: 'shop' })).environments.map((each) => each.name);
const routed = () => world.house.router.router.table?.routes.flatMap((route) => route.hosts) ?? [];
const gone = () => expect.poll(names, { timeout: 20_000 }).toEqual(['staging', 'production']);
const ship = async (text: string) => world.until(await world.push(text, 'develop'), 'succeeded');

test('with nothing live is gone at once: its addresses are free, its config is forgotten', async () => {
  await setConfig(world.house, ada, { ...qa, config: { COLOUR: 'red' }, secrets: { TOKEN: 'x' } });
  expect(await planRemoval(world.house, ada, named)).toEqual({
    confirm: 'qa',
    live: false,
    removes: ['the environment qa', '1 variable and 1 secret of api/qa'],
    keeps: ['the record of 0 releases', 'data folders'],
    notes: [],
  });
  expect(await remove()).toEqual({ removed: true, teardowns: [] });
  expect(await names()).toEqual(['staging', 'production']);
  expect((await getService(world.house, ada, { service: 'api' })).environments).toHaveLength(2);
  const { rows } = await world.house.db.execute(sql`select key from config_entries`);
  expect(rows).toEqual([]);
  expect((await world.service('api-qa')).environments.at(-1)?.url).toBe('http://api-qa.localhost:8080');
  await expect(add()).rejects.toMatchObject({ code: 'host_taken' });
  const events = await world.events();
  expect(events.slice(-3, -1)).toEqual(['environment.closed by bob', 'environment.removed by bob']);
});

test.each(['qa', 'moon'])('what is not there is told of, and what there is: %s', async (environment) => {
  await remove();
  const unknown = { code: 'unknown_environment', message: expect.stringMatching(/it has staging, production$/) };
  const target = { service: 'api', environment };
  await expect(remove({ environment })).rejects.toMatchObject(unknown);
  await expect(promote(world.house, ada, target)).rejects.toMatchObject(unknown);
  await expect(hold(world.house, ada, target)).rejects.toMatchObject(unknown);
  await expect(listReleases(world.house, ada, { ...target, limit: 1 })).rejects.toMatchObject(unknown);
  world.commit('x');
  await expect(startRun(world.house, ada, { ...target, branch: 'main' })).rejects.toMatchObject(unknown);
});

describe('with something live', () => {
  beforeEach(async () => {
    await ship('first');
    await hold(world.house, ada, qa);
  });

  test('is refused, unless it is torn down by the same call, and confirmed', async () => {
    await expect(remove()).rejects.toMatchObject({
      code: 'still_live',
      message: 'something is live or on its way in qa: api',
    });
    await expect(remove({ teardown: true, confirm: 'qb' })).rejects.toMatchObject({
      code: 'not_confirmed',
      message: expect.stringMatching(/^this removes the environment qa; v1 of api\/qa .* repeat "qa" to confirm$/),
    });
    expect(await names()).toContain('qa');
    expect(routed()).toEqual(['api-qa.localhost']);
  });

  test('closes first, is gone with the last teardown, and comes back with its record', async () => {
    const asked = await remove({ teardown: true });
    expect(asked).toMatchObject({ removed: false, teardowns: [{ cause: 'teardown', environment: 'qa' }] });
    await gone();
    expect(routed()).toEqual([]);
    expect(world.house.platform.cluster.replicas.size).toBe(0);
    expect(await world.events()).toContain('environment.removed by towpath');
    await add();
    await ship('second');
    expect(routed()).toEqual(['api-qa.localhost']);
    const { releases } = await listReleases(world.house, ada, { ...qa, limit: 10 });
    expect(releases.map(({ version, live }) => [version, live])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  test('lets nothing in while it closes', async () => {
    const { knobs } = world.house.platform.cluster;
    knobs.refusesRemoval = new TowpathError('part_failed', 'no');
    await remove({ teardown: true });
    const closing = { code: 'environment_closing', message: 'qa is being removed' };
    await expect(add()).rejects.toMatchObject(closing);
    await expect(promote(world.house, ada, { ...qa, from: 'staging' })).rejects.toMatchObject(closing);
    await expect(setConfig(world.house, ada, { ...qa, config: { A: '1' }, secrets: {} })).rejects.toMatchObject(
      closing,
    );
    expect((await ship('second')).stages.map((each) => each.name)).toEqual(['prepare', 'quality', 'unit']);
    await expect.poll(async () => openDeployments(world.house.db)).toEqual([]);
    // What a failed teardown left goes when it is asked for again.
    expect(await names()).toContain('qa');
    expect(routed()).toEqual(['api-qa.localhost']);
    knobs.refusesRemoval = null;
    expect(await remove({ teardown: true })).toMatchObject({ removed: false });
    await gone();
  });

  test('of several services is gone after the last, torn down at the same moment', async () => {
    await world.service('web');
    await world.until(await world.push('w', 'develop', 'shop/web'), 'succeeded');
    expect((await remove({ teardown: true })).teardowns.map((each) => each.service)).toEqual(['api', 'web']);
    await gone();
    expect(routed()).toEqual([]);
  });
});

describe('an open run', () => {
  test('keeps its plan; its stage there is skipped, with the reason, and it goes on', async () => {
    await remove();
    await add({ branch: null, after: null });
    const run = await world.push('first');
    await remove();
    const detail = await world.until(run, 'waiting');
    const stage = (name: string) => detail.stages.find((each) => each.name === name);
    expect(stage('deploy qa')).toMatchObject({ status: 'skipped', reason: 'qa was removed' });
    expect(stage('deploy staging')).toMatchObject({ status: 'succeeded' });
  });

  test('that waits for an answer there goes on without', async () => {
    await remove();
    await add({ branch: null, deploy: 'approve', after: null });
    const run = await world.push('first');
    await world.until(run, 'waiting');
    expect(await remove({ teardown: true })).toMatchObject({ removed: true });
    await expect.poll(async () => (await world.target('staging')).row.releaseId, { timeout: 20_000 }).not.toBeNull();
    const detail = await world.until(run, 'waiting');
    expect(detail.reason).toMatch(/^waits for approval of production/);
    expect(detail.stages.filter((each) => each.environment === 'qa')).toMatchObject([
      { kind: 'approval', status: 'skipped', reason: 'qa is being removed', attempts: [{ status: 'skipped' }] },
      { kind: 'deploy', status: 'skipped', reason: 'qa was removed' },
    ]);
  });

  test('that comes to its question there at the same moment does not wait for an answer', async () => {
    await remove();
    await add({ branch: 'develop', deploy: 'approve' });
    const { db } = world.house;
    const { environment } = await world.target('qa');
    const run = await world.push('first', 'develop');
    await transaction(db, async (tx) => {
      await setEnvironment(tx, environment.id, { state: 'closing' });
      world.work();
      const blocked = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await expect.poll(async () => (await db.execute(blocked)).rows.length, { timeout: 20_000 }).toBe(1);
    });
    const detail = await world.until(run, 'succeeded');
    expect(detail.stages.at(-2)).toMatchObject({ kind: 'approval', status: 'skipped', reason: 'qa is being removed' });
  });

  test('that has just asked for its deployment there is called back', async () => {
    world.house.platform.cluster.knobs.startMs = () => Number.POSITIVE_INFINITY;
    const run = await world.push('first', 'develop');
    world.work();
    await expect.poll(() => world.house.platform.cluster.replicas.size).toBe(1);
    await expect(remove()).rejects.toMatchObject({ code: 'still_live' });
    await remove({ teardown: true });
    await world.until(run, 'superseded');
    await gone();
    expect(routed()).toEqual([]);
  });
});
