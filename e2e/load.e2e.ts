import { setTimeout as pause } from 'node:timers/promises';
import { Load, type LoadTarget } from '@towpath/cli/load';
import type { DeploymentView } from '@towpath/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Repository } from './repository.ts';
import { nodeService, serviceJson } from './templates.ts';
import { World } from './world.ts';

/** `TOWPATH_LOAD=500`: the load by which Towpath is measured, which needs a machine for itself. Otherwise one that fits beside others. */
const whole = process.env.TOWPATH_LOAD;
const perSecond = Number(whole ?? 150);
/** An old release is stopped after its last stream: each deployment takes at least so long. */
const streamSeconds = whole === undefined ? 1 : 10;
const rounds = whole === undefined ? 8 : 20;

withParts(['git', 'proc'], () => {
  describe(`Given a service in production that gets ${perSecond} requests a second`, () => {
    let world: World;
    let api: Repository;
    const production = { service: 'api', environment: 'production' };
    const succeeded = async (deployment: DeploymentView): Promise<DeploymentView> => {
      const after = await world.deployed(deployment);
      expect(after).toMatchObject({ status: 'succeeded' });
      return after;
    };

    beforeAll(async () => {
      world = World.create();
      await world.up();
      api = await world.service('api', nodeService({ version: 'v1' }));
      await world.ship(api);
      await api.commit('Second', { 'service.json': serviceJson({ version: 'v2' }) });
      await world.ship(api);
    });

    afterAll(() => world.end());

    /** What happens while users ask; afterwards no request of theirs may have failed. */
    async function underLoad(what: () => Promise<void>): Promise<void> {
      const target: LoadTarget = {
        host: 'api.localhost',
        path: '/',
        body: { path: '/', json: JSON.stringify({ text: 'x'.repeat(2_000) }) },
        stream: `/stream?${streamSeconds}`,
      };
      const load = new Load(world.is.routerUrl, [target], perSecond);
      load.start();
      const [done] = await Promise.allSettled([what()]);
      const { total, failed, failures, p50, p99 } = await load.stop();
      console.log(`${total} requests, ${failed} failed, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
      if (done.status === 'rejected') throw done.reason;
      expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
      expect(total).toBeGreaterThan(100);
    }

    test(`When it is deployed ${rounds} times, by changes of its config, Then no request fails`, () =>
      underLoad(async () => {
        for (let round = 1; round <= rounds; round++) {
          const body = { config: { ROUND: `${round}` } };
          const { deployment } = await world.client.call('setConfig', { params: production, body });
          if (deployment === null) throw new Error('the change was no deployment');
          await succeeded(deployment);
          expect((await world.ask('api.localhost', '/env?ROUND')).text).toBe(`${round}`);
        }
      }));

    test(`When it is rolled back ${rounds} times, to and fro, Then no request fails`, () =>
      underLoad(async () => {
        for (let round = 0; round < rounds; round++) {
          const version = 1 + (round % 2);
          await succeeded(await world.client.call('rollback', { params: production, body: { version } }));
          expect((await world.who('api.localhost')).version).toBe(`v${version}`);
        }
      }));

    test('When it is scaled to three and back, Then no request fails', () =>
      underLoad(async () => {
        for (const replicas of [3, 1]) {
          const { environments } = await world.client.call('scale', { params: production, body: { replicas } });
          const deployment = environments.find((each) => each.environment === 'production')?.deployment ?? null;
          if (deployment !== null) await succeeded(await world.deployed({ deployment }));
          await expect
            .poll(async () => (await world.target('api', 'production')).running.length, { timeout: 60_000 })
            .toBe(replicas);
        }
      }));

    test('When the server is killed and comes back, and a push goes all the way, Then no request fails', () =>
      underLoad(async () => {
        await world.client.call('unhold', { params: production });
        const { 'server-1': server } = await world.pids();
        if (server === undefined) throw new Error('the server does not run');
        process.kill(server, 'SIGKILL');
        const back = async () => (await world.pids())['server-1'] !== server && (await world.client.call('health')).ok;
        await expect.poll(() => back().catch(() => false), { timeout: 60_000 }).toBe(true);
        await api.commit('Third', { 'service.json': serviceJson({ version: 'v3' }) });
        await world.ship(api);
        expect((await world.who('api.localhost')).version).toBe('v3');
        await pause(1_000);
      }));
  });
});
