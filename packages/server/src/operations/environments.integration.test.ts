import { EnvironmentInput, type EnvironmentPatch } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approve } from './approve.ts';
import { addEnvironment, listEnvironments, setEnvironment } from './environments.ts';
import { getService } from './read.ts';
import { runDetail } from './show/run.ts';
import { startRun } from './start-run.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const add = (name: string, given: object = {}) =>
  addEnvironment(world.house, bob, { project: 'shop', ...EnvironmentInput.parse({ name, ...given }) });
const set = (environment: string, patch: EnvironmentPatch) =>
  setEnvironment(world.house, bob, { project: 'shop', environment, patch });
const list = async () => (await listEnvironments(world.house, ada, { project: 'shop' })).environments;
const names = async () => (await list()).map((each) => each.name);
const stagesOf = async (run: number) => (await runDetail(world.house.db, run)).stages.map((stage) => stage.name);

test('a project has staging and production, and shows what is live', async () => {
  const run = await world.push('first');
  const { commit } = await world.until(run, 'waiting');
  expect(await list()).toEqual([
    {
      project: 'shop',
      name: 'staging',
      branch: null,
      deploy: 'auto',
      approvalMs: 604_800_000,
      closing: false,
      live: [{ service: 'api', version: 1, commit, url: 'http://api-staging.localhost:8080' }],
    },
    expect.objectContaining({ name: 'production', deploy: 'approve', live: [] }),
  ]);
});

describe('one that is added', () => {
  test('has an address for every service, of now and of later, and gets what is pushed to its branch', async () => {
    await world.service('web');
    expect(await add('qa', { branch: 'develop' })).toMatchObject({ name: 'qa', branch: 'develop', deploy: 'auto' });
    await world.service('late');
    for (const service of ['api', 'web', 'late']) {
      const { environments } = await getService(world.house, ada, { service });
      expect(environments.map((each) => each.environment)).toEqual(['staging', 'production', 'qa']);
      expect(environments.at(-1)).toMatchObject({ url: `http://${service}-qa.localhost:8080`, branch: 'develop' });
    }
    const run = await world.push('first', 'develop');
    expect((await world.until(run, 'succeeded')).stages.at(-1)).toMatchObject({ name: 'deploy qa' });
    expect((await list()).at(-1)).toMatchObject({ live: [{ service: 'api', version: 1 }] });
    expect(await world.events()).toContain('environment.added by bob');
  });

  test('of the branch of others is entered by the same push, in its place', async () => {
    await add('qa', { after: 'staging', deploy: 'approve' });
    const run = await world.push('first');
    expect((await stagesOf(run)).slice(4)).toEqual([
      'deploy staging',
      'approval qa',
      'deploy qa',
      'approval production',
      'deploy production',
    ]);
    await world.until(run, 'waiting');
    await approve(world.house, ada, { run, environment: 'qa', approve: true });
    await expect.poll(async () => (await world.target('qa')).row.releaseId).not.toBeNull();
    await world.until(run, 'waiting');
  });

  test('and is manual gets a branch by name only: its own one, or any', async () => {
    await add('demo', { branch: 'develop', deploy: 'manual' });
    world.commit('a', 'develop');
    const tried = world.commit('b', 'try');
    expect(await stagesOf(await world.push('c', 'develop'))).toEqual(['prepare', 'quality', 'unit']);
    const named = await startRun(world.house, ada, { service: 'api', environment: 'demo' });
    expect(named.branch).toBe('develop');
    const other = await startRun(world.house, ada, { service: 'api', environment: 'demo', branch: 'try' });
    expect(other).toMatchObject({ branch: 'try', commit: tried });
    expect((await stagesOf(other.run)).slice(3)).toEqual(['build', 'deploy demo']);
  });

  test.each([
    ['first', { after: null }, ['first', 'staging', 'production']],
    ['second', { after: 'staging' }, ['staging', 'second', 'production']],
    ['last', {}, ['staging', 'production', 'last']],
  ])('%s stands where it is wanted', async (name, given, order) => {
    await add(name, given);
    expect(await names()).toEqual(order);
  });

  test('by two at once is added once', async () => {
    const both = await Promise.allSettled([add('qa'), add('qa')]);
    expect(both.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await names()).toEqual(['staging', 'production', 'qa']);
  });

  test('beside a service that is made at the same moment, both have each other', async () => {
    await Promise.all([add('qa'), world.service('web')]);
    const { environments } = await getService(world.house, ada, { service: 'web' });
    expect(environments.map((each) => each.environment)).toContain('qa');
  });
});

describe('is refused', () => {
  test.each([
    ['a name that there is', 'staging', {}, 'name_taken', 'project shop has an environment "staging" already'],
    [
      'an address that another service has',
      'admin',
      {},
      'host_taken',
      'shop/api-admin answers at api-admin.localhost already',
    ],
    ['a name like a test address', 'v2', {}, 'bad_request', /reads like a release's test address/],
    [
      'a place behind nothing',
      'qa',
      { after: 'moon' },
      'unknown_environment',
      /has no environment "moon"; it has staging, production/,
    ],
    ['a place behind itself', 'qa', { after: 'qa' }, 'bad_request', 'qa cannot stand behind itself'],
  ])('%s', async (_what, name, given, code, message) => {
    await world.service('api-admin');
    await expect(add(name, given)).rejects.toMatchObject({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(await names()).toEqual(['staging', 'production']);
    expect(await world.events()).not.toContain('environment.added by bob');
  });

  test('a project that there is not, naming those there are', async () => {
    await expect(listEnvironments(world.house, ada, { project: 'bank' })).rejects.toMatchObject({
      code: 'unknown_project',
      message: 'there is no project "bank"; there are shop',
    });
  });
});

describe('a change', () => {
  test('holds from the next run on: an open run keeps its plan', async () => {
    const before = await world.push('first');
    await world.until(before, 'waiting');
    expect(await set('production', { deploy: 'auto' })).toMatchObject({ deploy: 'auto', branch: null });
    expect((await stagesOf(before)).at(-2)).toBe('approval production');
    expect((await runDetail(world.house.db, before)).status).toBe('waiting');
    const after = await world.push('second');
    expect((await world.until(after, 'succeeded')).stages.map((each) => each.kind)).not.toContain('approval');
    expect(await world.events()).toContain('environment.changed by bob');
  });

  test('of the branch, of the time and of the order', async () => {
    await set('production', { branch: 'release/1', approvalMs: 3_600_000, after: null });
    expect((await list())[0]).toMatchObject({ name: 'production', branch: 'release/1', approvalMs: 3_600_000 });
    await set('production', { branch: null });
    expect((await list())[0]).toMatchObject({ branch: null, approvalMs: 3_600_000 });
  });

  test('to what is so already is none', async () => {
    const events = await world.events();
    await set('production', { deploy: 'approve', branch: null, after: 'staging' });
    await set('production', {});
    expect(await world.events()).toEqual(events);
  });

  test('of what there is not lists what there is', async () => {
    await expect(set('moon', { deploy: 'auto' })).rejects.toMatchObject({
      code: 'unknown_environment',
      message: 'project shop has no environment "moon"; it has staging, production',
    });
  });
});
