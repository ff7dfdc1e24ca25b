import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../store/drizzle.ts';
import { createService } from './create-service.ts';
import { ada, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
});

afterEach(async () => {
  await world.close();
});

const count = async (table: 'projects' | 'services' | 'targets' | 'hosts') => {
  const { rows } = await world.house.db.execute<{ n: number }>(sql`select count(*)::int as n from ${sql.raw(table)}`);
  return rows[0]?.n;
};

test('a new service has its environments, addresses and a repository', async () => {
  const made = await world.service('api', { test: 'npm test' });
  expect(made).toMatchObject({
    project: 'shop',
    name: 'api',
    created: true,
    settings: { test: 'npm test' },
    gitUrl: 'http://127.0.0.1:7070/git/shop/api.git',
    lastRun: null,
  });
  expect(made.environments.map(({ environment, url, release }) => [environment, url, release])).toEqual([
    ['staging', 'http://api-staging.localhost:8080', null],
    ['production', 'http://api.localhost:8080', null],
  ]);
  expect(world.house.source.calls).toContain('prepare shop/api');
  expect(await world.events()).toEqual(['service.created by ada']);
});

test('made a second time, it is answered with as it is', async () => {
  await world.service('api', { test: 'npm test' });
  const again = await world.service('api', { test: 'other' });
  expect(again).toMatchObject({ created: false, settings: { test: 'npm test' } });
  expect(await world.events()).toEqual(['service.created by ada']);
  expect([await count('services'), await count('targets'), await count('hosts')]).toEqual([1, 2, 2]);
});

test('made by two at once, it is made once', async () => {
  const both = await Promise.all([world.service(), world.service()]);
  expect(both.map((each) => each.created).toSorted()).toEqual([false, true]);
  expect(await world.events()).toEqual(['service.created by ada']);
});

test.each([
  ['the same name in another project', 'api', 'api-staging.localhost'],
  ["a name that is another's staging", 'api-staging', 'api-staging.localhost'],
])('%s is refused by its address, and nothing of it is left', async (_what, name, host) => {
  await world.service('api');
  await expect(world.service(name, {}, 'bank')).rejects.toMatchObject({
    code: 'host_taken',
    message: `shop/api answers at ${host} already`,
  });
  expect([await count('projects'), await count('services'), await count('hosts')]).toEqual([1, 1, 2]);
  expect(world.house.source.calls).toEqual(['prepare shop/api']);
  expect(await world.events()).toEqual(['service.created by ada']);
});

test.each([
  ['a path', { health: { path: 'no-slash' } }, /^settings\.health\.path: /],
  ['a time', { health: { startTimeout: '2h' } }, /^settings\.health\.startTimeout: /],
  ['an empty command', { test: '  ' }, /^settings\.test: /],
  ['a folder outside', { folder: '../..' }, /^settings\.folder: /],
  ['a folder of the machine', { static: '/etc' }, /^settings\.static: /],
])('%s that is not valid names its field', async (_what, settings, message) => {
  await expect(createService(world.house, ada, { project: 'shop', name: 'api', settings })).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(message),
  });
  expect(world.house.source.calls).toEqual([]);
});
