import { setTimeout as pause } from 'node:timers/promises';
import type { TrafficView } from '@towpath/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Repository } from './repository.ts';
import type { Files } from './templates.ts';
import { World } from './world.ts';

const host = 'api.localhost';
/** A router that is killed has saved what it counted up to a second ago. */
const savedMs = 1_500;

/** Answers 500 at /fail, and breaks off in the middle at /break. */
function service(version: string): Files {
  return {
    'package.json': JSON.stringify({ name: 'api', private: true, scripts: { start: 'node server.js' } }),
    'server.js': `require('node:http').createServer((request, response) => {
  if (request.url === '/fail') return response.writeHead(500).end('no');
  if (request.url === '/break') return response.write('half of it', () => response.destroy());
  response.end(${JSON.stringify(version)});
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
  };
}

withParts(['git', 'proc'], () => {
  let world: World;
  let api: Repository;

  beforeAll(async () => {
    world = World.create();
    await world.up();
    api = await world.service('api', service('v1'));
    await world.ship(api);
  });

  afterAll(() => world.end());

  async function ask(times: number, path = '/'): Promise<void> {
    for (let time = 0; time < times; time++) await world.ask(host, path).catch(() => null);
  }

  const traffic = (environment = 'production'): Promise<TrafficView> =>
    world.client.call('traffic', { params: { service: 'api', environment }, query: { seconds: 3_600 } });

  /** Of each version how many requests, and how many failed; once there are so many in all. */
  async function counted(requests: number): Promise<Record<string, readonly [requests: number, failed: number]>> {
    const sum = async (): Promise<number> =>
      (await traffic().catch(() => null))?.releases.reduce((all, each) => all + each.requests, 0) ?? 0;
    await expect.poll(sum, { timeout: 60_000, interval: 200 }).toBeGreaterThanOrEqual(requests);
    // What was counted twice would come with the next looks.
    await pause(5_000);
    const { releases } = await traffic();
    return Object.fromEntries(releases.map((each) => [`v${each.version}`, [each.requests, each.failed]]));
  }

  test('is counted to the request, with what failed and how; what Towpath asks by itself is none of it', async () => {
    await ask(50);
    await ask(7, '/fail');
    await ask(3, '/break');
    expect(await counted(60)).toEqual({ v1: [60, 10] });
    const [release] = (await traffic()).releases;
    expect(release).toMatchObject({ live: true, failures: { service: 7, router: 0, broken: 3 }, aborted: 0 });
    expect(release?.p50Ms).toBeGreaterThan(0);
    expect(release?.p99Ms ?? 0).toBeGreaterThanOrEqual(release?.p50Ms ?? 0);
    expect(release?.points.reduce((all, { requests }) => all + requests, 0)).toBe(60);
    expect((await traffic('staging')).releases).toEqual([]);
  });

  test('When the router is killed while nobody collects, Then nothing that it had saved is lost, and nothing doubled', async () => {
    const before = await world.pids();
    process.kill(before['server-1'] ?? 0, 'SIGSTOP');
    await ask(20);
    await pause(savedMs);
    process.kill(before.router ?? 0, 'SIGKILL');
    await expect
      .poll(
        () =>
          world.ask(host).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 60_000 },
      )
      .toBe(200);
    await ask(4);
    process.kill(before['server-1'] ?? 0, 'SIGCONT');
    expect(await counted(85)).toEqual({ v1: [85, 10] });
  });

  test('When the server is killed in the middle of it, Then every request is counted once', async () => {
    for (let round = 0; round < 3; round++) {
      await ask(10);
      process.kill((await world.pids())['server-1'] ?? 0, 'SIGKILL');
      await ask(10);
      await expect
        .poll(
          () =>
            traffic().then(
              () => true,
              () => false,
            ),
          { timeout: 60_000 },
        )
        .toBe(true);
    }
    expect(await counted(145)).toEqual({ v1: [145, 10] });
  });

  test('Two releases stand beside each other in the CLI, and the status tells the last minute', async () => {
    await api.commit('Second version', service('v2'));
    await world.ship(api);
    await ask(30);
    expect(await counted(175)).toEqual({ v1: [145, 10], v2: [30, 0] });
    const shown = await world.cliIn(api.folder, 'traffic', '--last', '1h');
    expect(shown.stdout).toMatch(/^ +v2 ← +30 +\d+\/\w+ +0 /m);
    expect(shown.stdout).toMatch(/^ +v1 +145 .* 10 \(6\.9 %\) /m);
    expect(shown.stdout).toContain('v1  failed: 7 by the service, 0 without one that answered, 3 broken off');
    const production = await world.target('api', 'production');
    expect(production.traffic?.perSecond).toBeGreaterThan(0);
    expect((await world.target('api', 'staging')).traffic).toBeNull();
    expect((await world.cliIn(api.folder, 'status')).stdout).toMatch(/production +v2 .* (rps|\/min) /);
  });

  test('A service that nobody asks has none, and a time that is none is refused', async () => {
    const none = await world.cliIn(api.folder, 'traffic', '-e', 'staging');
    expect(none.stdout).toContain('No request came.');
    const refused = await world.cliIn(api.folder, 'traffic', '--last', 'yesterday');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('10s to 8d');
  });
});
