import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../../scripts/parts.ts';
import { World } from '../world.ts';
import { inspect } from './inspection.ts';
import { processAt } from './marks.ts';
import { Orders } from './orders.ts';
import { kill, pidOf } from './parts.ts';
import { until } from './patience.ts';
import { progressAfter } from './progress.ts';
import { Team } from './team.ts';
import { Workload } from './workload.ts';

/** The bar is 5 s on an idle machine; what was measured is printed. */
const generousMs = 30_000;

withParts(['git', 'proc'], () => {
  describe('Given two servers on one database, and services in production', () => {
    let world: World;
    let orders: Orders;
    let workload: Workload;
    let teams: Team[];
    const takeovers: { place: string; ms: number }[] = [];

    beforeAll(async () => {
      world = World.create();
      orders = Orders.prepare(world);
      await world.up('--servers', '2');
      await orders.announce(world);
      workload = new Workload(world);
      teams = await Promise.all(['alpha', 'beta', 'gamma'].map((name) => Team.begin(world, workload, name)));
    });

    // A frozen server would freeze the end of the installation, too.
    afterEach(async () => {
      for (const part of ['server-1', 'server-2'] as const) kill(await pidOf(world, part), 'SIGCONT');
    });

    afterAll(async () => {
      const sorted = takeovers.map(({ ms }) => ms).sort((a, b) => a - b);
      const all = takeovers.map(({ place, ms }) => `${place} ${ms} ms`).join(', ');
      console.log(`takeover: p50 ${sorted[Math.floor(sorted.length / 2)]} ms, max ${sorted.at(-1)} ms (${all})`);
      await world.end();
    });

    /** One team ships; the server that passes the place dies or freezes there; the other one must go on with it. */
    async function shipOver(place: string, signal: 'SIGKILL' | 'SIGSTOP'): Promise<{ run: number; pid: number }> {
      const team = teams[0] ?? expect.fail('there is no team');
      const before = team.runs.length;
      const runIsThere = () => until('the run is there', async () => team.runs[before] ?? null);
      orders.give(place, signal);
      const shipped = team.ship();
      const taken = await until(`somebody passes ${place}`, async () => orders.taken(place));
      const run = await runIsThere();
      const wentOn = await until('the other server goes on', () => progressAfter(world, run, taken.at));
      takeovers.push({ place: `${place} ${signal}`, ms: Math.round(wentOn - taken.at) });
      await shipped;
      return { run, pid: taken.pid };
    }

    async function expectOrder(run: number): Promise<void> {
      await Promise.all(teams.map((team) => team.rest()));
      const detail = await world.client.call('getRun', { params: { run } });
      expect(await workload.faults(world, detail)).toEqual([]);
      expect(await inspect(world)).toEqual([]);
      expect(takeovers.at(-1)?.ms).toBeLessThan(generousMs);
    }

    test('When three versions are shipped at once, Then each stage of each run is done once', async () => {
      await Promise.all(teams.map((team) => team.ship()));
      await Promise.all(teams.map((team) => team.rest()));
      for (const run of teams.flatMap((team) => team.runs)) {
        expect(await workload.faults(world, await world.client.call('getRun', { params: { run } }))).toEqual([]);
      }
      expect(await inspect(world)).toEqual([]);
    });

    test.each(['stage.submitted', 'stage.ended', 'rollout.started', 'rollout.promoted'])(
      'When the server at work is killed at %s, Then the other one goes on, and nothing is done twice',
      async (place) => {
        const { run } = await shipOver(place, 'SIGKILL');
        await expectOrder(run);
      },
    );

    test.each([
      'push.moved',
      'stage.submitted',
      'stage.ended',
      'store.commit.before',
      'rollout.saved',
      'rollout.drained',
    ])(
      'When it freezes at %s, Then the other one goes on; and when it wakes, it ends without having done harm',
      async (place) => {
        const { run, pid } = await shipOver(place, 'SIGSTOP');
        const before = await world.client.call('getRun', { params: { run } });
        kill(pid, 'SIGCONT');
        await until('the one that was frozen ends', async () => (processAt(pid) === null ? true : null));
        expect(lastWords(world)).toMatch(/the server ends and comes back: (lease lost|stale claim|database away)/);
        expect(await world.client.call('getRun', { params: { run } })).toEqual(before);
        await expectOrder(run);
      },
    );
  });
});

/** What the servers have logged. */
function lastWords(world: World): string {
  const processes = join(world.data, 'supervisor/processes');
  const servers = readdirSync(processes).filter((name) => name.startsWith('system-server-'));
  return servers.map((name) => readFileSync(join(processes, name, 'out'), 'utf8')).join('');
}
