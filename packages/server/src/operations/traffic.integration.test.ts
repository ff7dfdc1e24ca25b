import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Collector } from '../insights/collector.ts';
import { isAway } from '../store/away.ts';
import { metrics } from './metrics.ts';
import { getService, status } from './read.ts';
import { ada, World } from './testing/world.ts';
import { streamTraffic, traffic } from './traffic.ts';

let world: World;
let collector: Collector;

beforeEach(async () => {
  world = await World.open();
  await world.service();
  await world.until(await world.push('first'), 'waiting');
  const { db, router } = world.house;
  collector = new Collector({ db, router, leads: async () => true, log: () => {}, isAway });
});
afterEach(() => world.close());

const staging = { service: 'api', environment: 'staging' };
function requests(count: number, answer: number): void {
  const { router } = world.house.router;
  const host = router.table?.routes[0]?.hosts[0] ?? '';
  router.knobs.status = () => answer;
  for (let each = 0; each < count; each++) router.request(host);
  router.knobs.status = () => 200;
}

test('of a target is told by release, and on the board for the last minute', async () => {
  expect((await traffic(world.house, ada, { ...staging, seconds: 300 })).releases).toEqual([]);
  requests(17, 200);
  requests(3, 500);
  await collector.look();
  const view = await traffic(world.house, ada, { ...staging, seconds: 300 });
  expect(view).toMatchObject({ ...staging, pointSeconds: 10 });
  expect(view.releases).toMatchObject([
    {
      version: 1,
      live: true,
      requests: 20,
      failed: 3,
      errorRate: 0.15,
      failures: { service: 3, router: 0, broken: 0 },
    },
  ]);
  const [release] = view.releases;
  expect(release?.p95Ms).toBeCloseTo(1, 1);
  expect(release?.points.reduce((sum, { requests: each }) => sum + each, 0)).toBe(20);
  const seconds = (Date.parse(view.to) - Date.parse(view.from)) / 1_000;
  expect(release?.perSecond).toBeCloseTo(20 / seconds, 1);

  // Whoever asked just before has an answer that is shared for two seconds.
  const recent = async () => {
    const board = await status(world.house, ada, { limit: 100 });
    const one = await getService(world.house, ada, { service: 'api' });
    return [...board.services, one].map(({ environments }) =>
      environments.map(({ environment, traffic: last }) => [environment, last]),
    );
  };
  const told = [
    ['staging', { perSecond: expect.any(Number), errorRate: 0.15, p95Ms: expect.any(Number) }],
    ['production', null],
  ];
  await expect.poll(recent, { timeout: 10_000 }).toEqual([told, told]);
});

test('is told again when more was counted, until nobody listens', async () => {
  const leave = new AbortController();
  const pieces = await streamTraffic(world.house, ada, { ...staging, seconds: 60, signal: leave.signal });
  const next = async (): Promise<number[] | undefined> => {
    const { value } = await pieces.next();
    return value?.data?.releases.map(({ requests: each }: { readonly requests: number }) => each);
  };
  expect(await next()).toEqual([]);
  requests(4, 200);
  await collector.look();
  await expect.poll(next, { timeout: 10_000 }).toEqual([4]);
  leave.abort();
  await expect(pieces.next()).rejects.toThrow();
});

test('in an environment that there is not, is refused', async () => {
  const nowhere = { service: 'api', environment: 'nowhere', seconds: 300 };
  await expect(traffic(world.house, ada, nowhere)).rejects.toMatchObject({ code: 'unknown_environment' });
});

test('stands in the metrics with names, beside open work and the server; without a router the rest does', async () => {
  requests(2, 200);
  const page = async () => text(await metrics(world.house, ada, undefined));
  const told = await page();
  const named = 'project="shop",service="api",environment="staging",release="v1"';
  expect(told).toContain(`towpath_requests_total{${named},status="2xx"} 2\n`);
  expect(told).toContain(`towpath_request_duration_seconds_count{${named}} 2\n`);
  expect(told).toContain('towpath_open{kind="run",status="waiting"} 1\n');
  expect(told).toContain('towpath_router_up 1\n');
  for (const line of told.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) towpath_\w+ .+|towpath_\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
  }
  world.house.router.router.faults.away = 1;
  const without = await page();
  expect(without).toContain('towpath_router_up 0\n');
  expect(without).not.toContain('towpath_requests_total');
});
