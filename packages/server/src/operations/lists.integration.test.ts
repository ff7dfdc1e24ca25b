import { stepEvents } from '@towpath/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../store/drizzle.ts';
import { listEvents } from './events.ts';
import { listJobs } from './jobs.ts';
import { listDeployments, listRuns, status } from './read.ts';
import { ada, World } from './testing/world.ts';

let world: World;
const ids: number[] = [];

beforeAll(async () => {
  world = await World.open();
  await world.service('api');
  await world.service('web');
  for (const [text, branch, repository] of [
    ['one', 'main', 'shop/api'],
    ['two', 'topic', 'shop/api'],
    ['three', 'main', 'shop/web'],
    ['four', 'main', 'shop/api'],
    ['five', 'main', 'shop/web'],
  ] as const) {
    ids.push(await world.push(text, branch, repository));
  }
  await world.house.db.execute(sql`update runs set created_at = now() - interval '1 day' where id <= ${ids[1]}`);
  await world.house.db.execute(sql`update runs set author = 'Ben' where id in (${ids[2]}, ${ids[3]})`);
  await world.house.db.execute(sql`update runs set status = 'failed', ended_at = now() where id = ${ids[0]}`);
});
afterAll(() => world.close());

const yesterday = () => new Date(Date.now() - 3_600_000).toISOString();
/** Which of the five, counted from 0, newest first. */
const runs = async (filter: Partial<Parameters<typeof listRuns>[2]>) => {
  const { runs: found, next } = await listRuns(world.house, ada, { limit: 20, ...filter });
  return { found: found.map(({ run }) => ids.indexOf(run)), next };
};

describe('the list of runs', () => {
  test.each([
    ['a service', { service: 'shop/api' }, [3, 1, 0]],
    ['a branch', { branch: 'topic' }, [1]],
    ['a status', { status: 'failed' as const }, [0]],
    ['an author', { author: 'Ben' }, [3, 2]],
    ['all of them', { service: 'web', author: 'Ben', branch: 'main' }, [2]],
    ['an environment', { environment: 'production' }, [4, 3, 2, 0]],
    ['an environment that nothing enters', { environment: 'nowhere' }, []],
  ])('is of %s', async (_what, filter, expected) => {
    expect(await runs(filter)).toEqual({ found: expected, next: null });
  });

  test('begins at a moment, also when nothing came after it', async () => {
    expect((await runs({ since: yesterday() })).found).toEqual([4, 3, 2]);
    expect((await runs({ since: new Date(Date.now() + 60_000).toISOString() })).found).toEqual([]);
  });

  test('goes on page by page, each run once', async () => {
    const found: number[] = [];
    for (let before: number | undefined; ; ) {
      const page = await runs({ limit: 2, before });
      found.push(...page.found);
      if (page.next === null) break;
      before = page.next;
    }
    expect(found).toEqual([4, 3, 2, 1, 0]);
  });
});

test('the board comes whole, by project, or page by page', async () => {
  const whole = await status(world.house, ada, { limit: 10 });
  expect(whole.services.map(({ name }) => name)).toEqual(['api', 'web']);
  expect(whole.services.map(({ lastRun }) => lastRun?.run)).toEqual([ids[3], ids[4]]);
  expect(whole.services[0]?.environments.map(({ environment }) => environment)).toEqual(['staging', 'production']);
  expect(whole.next).toBeNull();
  const first = await status(world.house, ada, { limit: 1 });
  expect(first).toMatchObject({ services: [{ name: 'api' }], next: 'shop/api' });
  const second = await status(world.house, ada, { limit: 1, after: first.next ?? '' });
  expect(second).toMatchObject({ services: [{ name: 'web' }], next: 'shop/web' });
  expect(await status(world.house, ada, { limit: 1, after: 'shop/web' })).toMatchObject({ services: [], next: null });
  await expect(status(world.house, ada, { limit: 1, project: 'none' })).rejects.toMatchObject({
    code: 'unknown_project',
  });
});

test('lists of deployments and jobs know their filters, also where there is nothing', async () => {
  const filter = { service: 'api', environment: 'staging', status: 'failed' as const, since: yesterday(), limit: 5 };
  expect(await listDeployments(world.house, ada, filter)).toEqual({ deployments: [], next: null });
  expect(await listJobs(world.house, ada, filter)).toEqual({ jobs: [], next: null });
  expect(await listJobs(world.house, ada, { environment: 'nowhere', limit: 5 })).toEqual({ jobs: [], next: null });
  await expect(listJobs(world.house, ada, { service: 'none', limit: 5 })).rejects.toMatchObject({
    code: 'unknown_service',
  });
});

test('events are of a project, of a kind, since a moment, and go on page by page', async () => {
  const queued = await listEvents(world.house, ada, { after: 0, name: 'run.queued', project: 'shop', limit: 3 });
  expect(queued.events.map(({ subject }) => subject)).toEqual(ids.slice(0, 3).map((id) => `run/${id}`));
  expect(queued.events[0]).toMatchObject({ project: 'shop', data: { service: 'api', branch: 'main' } });
  const rest = await listEvents(world.house, ada, { after: queued.next ?? 0, name: 'run.queued', limit: 3 });
  expect(rest.events).toHaveLength(2);
  expect(rest.next).toBeNull();
  const none = { after: 0, since: new Date(Date.now() + 60_000).toISOString(), limit: 3 };
  expect((await listEvents(world.house, ada, none)).events).toEqual([]);
});

test('events of a service come newest first, without the steps on the way, page by page', async () => {
  const of = { after: 0, order: 'newest' as const, service: 'shop/api', limit: 2 };
  const first = await listEvents(world.house, ada, of);
  const second = await listEvents(world.house, ada, { ...of, before: first.next ?? 0, limit: 500 });
  const all = [...first.events, ...second.events];
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => b - a));
  expect(new Set(all.map(({ data }) => data.service))).toEqual(new Set(['api']));
  expect(all.at(-1)).toMatchObject({ name: 'service.created' });
  const brief = await listEvents(world.house, ada, { ...of, brief: true, limit: 500 });
  const steps = new Set<string>(stepEvents);
  expect(brief.events.map(({ id }) => id)).toEqual(all.filter(({ name }) => !steps.has(name)).map(({ id }) => id));
  await expect(listEvents(world.house, ada, { ...of, service: 'none' })).rejects.toMatchObject({
    code: 'unknown_service',
  });
});
