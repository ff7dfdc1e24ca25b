import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeploymentView, ended, type RunSummary } from '@towpath/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../../scripts/parts.ts';
import type { Pushed, Repository } from '../repository.ts';
import { staticSite } from '../templates.ts';
import { World } from '../world.ts';
import { Orders } from './orders.ts';
import { kill, pidOf, untilBack } from './parts.ts';
import { until } from './patience.ts';

const services = Array.from({ length: 10 }, (_, index) => `burst-${index}`);
const pushesEach = 5;
const environments = ['staging', 'production'];

withParts(['git', 'proc'], () => {
  describe('Given ten services', () => {
    let world: World;
    let orders: Orders;
    let repositories: Map<string, Repository>;

    beforeAll(async () => {
      world = World.create();
      orders = Orders.prepare(world);
      await world.up();
      await orders.announce(world);
      repositories = new Map();
      for (const name of services) repositories.set(name, await world.service(name, staticSite('0')));
    });

    afterAll(() => world.end());

    const repositoryOf = (service: string): Repository => repositories.get(service) ?? expect.fail(`no ${service}`);

    /** Newest first. */
    async function runsOf(service: string): Promise<RunSummary[]> {
      const { runs } = await world.client.call('listRuns', { query: { service, limit: 100 } });
      return runs;
    }

    /** Oldest first. */
    async function deploymentsOf(service: string, environment: string): Promise<DeploymentView[]> {
      const query = { service, environment, limit: 100 };
      const { deployments } = await world.client.call('listDeployments', { query });
      return deployments.reverse();
    }

    describe('When 50 versions of them are pushed at once', () => {
      let pushes: Promise<Pushed>[];
      let newest: Map<string, string>;

      beforeAll(async () => {
        pushes = [];
        newest = new Map();
        const pushAll = async (service: string) => {
          for (let version = 1; version <= pushesEach; version++) {
            const repository = repositoryOf(service);
            newest.set(service, await repository.commit(`Version ${version}`, staticSite(`${version}`)));
            const pushing = repository.pushing();
            pushes.push(pushing.pushed);
            // The branch has moved; what becomes of the run is not waited for.
            await pushing.line(/^\S+ #\d+ /);
          }
        };
        await Promise.all(services.map(pushAll));
        await until('all that can go on has ended or waits for an approval', async () => {
          const all = await Promise.all(services.map(runsOf));
          return all.flat().every(({ status }) => ended.has(status) || status === 'waiting') ? true : null;
        });
      });

      test('Then none is lost: each commit has one run', async () => {
        const told = (await Promise.all(pushes)).map(({ code, run }) => ({ code, run }));
        expect(told.every(({ code }) => code === 0)).toBe(true);
        const runs = (await Promise.all(services.map(runsOf))).flat();
        expect(runs.map(({ run }) => run).sort()).toEqual(told.map(({ run }) => run).sort());
        expect(new Set(runs.map(({ service, commit }) => `${service} ${commit}`)).size).toBe(
          services.length * pushesEach,
        );
      });

      test('And the newest of each waits for its approval, the older ones say by which one they were superseded', async () => {
        for (const service of services) {
          const [last, ...older] = await runsOf(service);
          expect(last).toMatchObject({ status: 'waiting', commit: newest.get(service) });
          for (const run of older) {
            expect(run).toMatchObject({ status: 'superseded', reason: `superseded by run #${run.supersededBy}` });
            expect(run.supersededBy).toBeGreaterThan(run.run);
          }
        }
      });

      test('And when these are approved at once, they are live everywhere', async () => {
        const waiting = await Promise.all(services.map(async (service) => (await runsOf(service))[0]?.run ?? 0));
        await Promise.all(waiting.map((run) => world.client.call('approve', { params: { run }, body: {} })));
        for (const run of waiting) expect(await world.waitFor(run)).toMatchObject({ status: 'succeeded' });
        for (const service of services) {
          for (const environment of environments) {
            expect((await world.target(service, environment)).release?.commit).toBe(newest.get(service));
          }
        }
      });

      test('And there was one deployment at a time for a service and environment, and never an older one after a newer', async () => {
        for (const service of services) {
          for (const environment of environments) {
            const begun = (await deploymentsOf(service, environment)).filter(({ startedAt }) => startedAt !== null);
            const spans = begun.map(({ startedAt, endedAt }) => [startedAt, endedAt].map((at) => Date.parse(at ?? '')));
            for (const [index, [from]] of spans.entries()) {
              expect(from).toBeGreaterThanOrEqual(spans[index - 1]?.[1] ?? 0);
            }
            const lived = begun.filter(({ status }) => status === 'succeeded').map(({ run }) => run ?? 0);
            expect(lived).toEqual(lived.toSorted((a, b) => a - b));
          }
        }
      });
    });

    describe('When the server dies between the moved branch and the run', () => {
      test('Then the run begins when it is back, once', async () => {
        const service = services[0] ?? '';
        const repository = repositoryOf(service);
        const commit = await repository.commit('Lost and found', staticSite('found'));
        orders.give('push.moved');
        const pushed = await repository.push();
        expect(pushed.run).toBeNull();
        const found = await until('the run is found', async () => {
          const runs = (await runsOf(service)).filter((run) => run.commit === commit);
          return runs[0]?.status === 'waiting' ? runs : null;
        });
        expect(found).toMatchObject([{ trigger: 'reconcile', commit }]);
      });
    });

    describe('When the server dies while git still takes the push in', () => {
      test('Then no branch moves behind its back', async () => {
        const service = services[1] ?? '';
        const repository = repositoryOf(service);
        const commit = await repository.commit('Slow', staticSite('slow'));
        const gate = join(world.folder, 'gate');
        holdPushes(world, gate);
        const pid = await pidOf(world, 'server-1');
        const pushing = repository.pushing();
        await until('the push is at the hook', async () => (atHook(world) ? true : null));
        kill(pid);
        await untilBack(world, 'server-1', pid);
        writeFileSync(gate, '');
        await pushing.pushed;
        await until('git is gone', async () => (atHook(world) ? null : true));
        const moved = async () =>
          (await repository.git('ls-remote', 'towpath', 'refs/heads/main')).stdout.startsWith(commit);
        if (!(await moved())) await repository.pushing().line(/^\S+ #\d+ /);
        await until('the run is there', async () => {
          const runs = (await runsOf(service)).filter((run) => run.commit === commit);
          return runs.length === 0 ? null : expect(runs).toHaveLength(1);
        });
      });
    });
  });
});

/** Makes git wait at its first hook, when it has all objects and before any branch moves, until there is this file. */
function holdPushes(world: World, gate: string): void {
  const git = join(world.data, 'server/git');
  for (const home of readdirSync(git).filter((name) => name.startsWith('.home-'))) {
    const hook = join(git, home, 'hooks/pre-receive');
    const [first = '', ...rest] = readFileSync(hook, 'utf8').split('\n');
    writeFileSync(hook, [first, `while [ ! -e '${gate}' ]; do sleep 0.1; done`, ...rest].join('\n'));
  }
}

const atHook = (world: World): boolean => world.processes().some(({ command }) => command.includes('pre-receive'));
