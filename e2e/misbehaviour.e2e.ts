import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Load } from '@towpath/cli/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { pidRuns } from './leftovers.ts';
import type { Ended } from './program.ts';
import type { Repository } from './repository.ts';
import { type Behaviour, nodeService } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a service in production that answers requests all the while', () => {
    let world: World;
    let api: Repository;
    let load: Load;
    /** What answers on ports that it is told of. */
    let strangers: Server[];
    const setConfig = (pairs: { BEHAVIOUR: Behaviour } & Record<string, string>): Promise<Ended> =>
      world.cliIn(api.folder, 'config', 'set', ...Object.entries(pairs).map(([name, value]) => `${name}=${value}`));
    const live = async () => {
      const { release, running } = await world.target('api', 'production');
      return { version: release?.version, replicas: running.length, pid: (await world.who('api.localhost')).pid };
    };

    beforeAll(async () => {
      world = World.create();
      await world.up();
      strangers = [];
      api = await world.service('api', nodeService(), '--start-timeout', '12', '--drain', '1');
      await world.ship(api);
      const target = { host: 'api.localhost', path: '/', body: { path: '/', json: '{}' }, stream: null };
      load = new Load(world.is.routerUrl, [target], 50);
      load.start();
    });

    afterAll(async () => {
      const count = await load?.stop();
      for (const stranger of strangers) stranger.close();
      await world.end();
      expect(count).toMatchObject({ failed: 0, failures: [] });
      expect(count.total).toBeGreaterThan(500);
    });

    /** Deploys what goes wrong, and sees that what served before serves on as it did. */
    async function refused(pairs: { BEHAVIOUR: Behaviour } & Record<string, string>, reason: RegExp): Promise<void> {
      const before = await live();
      const ended = await setConfig(pairs);
      expect(ended.stdout).toMatch(reason);
      expect(ended.code).toBe(1);
      expect(await live()).toEqual(before);
    }

    test('When a release ends at once, Then it fails with the code and the last line of the program', () =>
      refused({ BEHAVIOUR: 'exits' }, /✗ failed {2}exited with code 3, \d times: LICENCE_KEY is not set\n/));

    test('When a release never gets healthy, Then it fails after its time, with what the health check said', () =>
      refused({ BEHAVIOUR: 'unhealthy' }, /✗ failed {2}not healthy within 12 s: GET \/ on replica 1: .*503/));

    test('When a release listens on a port of its own choice, Then it fails, and both ports are named', async () => {
      const free = createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const port = portOf(free);
      free.close();
      await refused(
        { BEHAVIOUR: 'fixed port', FIXED_PORT: `${port}` },
        new RegExp(
          `✗ failed {2}listens on ${port}, not on \\$PORT \\(\\d+\\): let it listen on the port that PORT names`,
        ),
      );
    });

    test('When somebody else answers on the port of the release, Then it fails, however healthy the answers are', async () => {
      const asked = createServer((request, response) => {
        const stranger = createServer((_request, answer) => answer.end('{"version":"v2"}'));
        strangers.push(stranger);
        stranger.listen(Number(request.url?.slice(1)), '127.0.0.1', () => response.end());
      }).listen(0, '127.0.0.1');
      await once(asked, 'listening');
      strangers.push(asked);
      await refused(
        { BEHAVIOUR: 'another answers', STRANGER: `http://127.0.0.1:${portOf(asked)}` },
        new RegExp(`✗ failed {2}port \\d+ is answered by .*${process.pid}.*, not by this release\n`),
      );
      expect(strangers.length).toBeGreaterThan(1);
    });

    test('When a release starts slowly, Then it is waited for', async () => {
      const ended = await setConfig({ BEHAVIOUR: 'slow start', SLOW_MS: '3000' });
      expect(ended.stdout).toContain('✓ succeeded');
      expect(ended.code).toBe(0);
    });

    test('When a replica ignores SIGTERM, Then it is replaced all the same', async () => {
      expect(await setConfig({ BEHAVIOUR: 'ignores SIGTERM' })).toMatchObject({ code: 0 });
      const before = await live();
      expect(await setConfig({ BEHAVIOUR: 'well' })).toMatchObject({ code: 0 });
      expect((await live()).pid).not.toBe(before.pid);
      // It gets a second for its last requests, then it is ended by force.
      await expect.poll(() => pidRuns(before.pid), { timeout: 60_000 }).toBe(false);
    });

    const portOf = (server: Server): number => {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    };
  });
});
