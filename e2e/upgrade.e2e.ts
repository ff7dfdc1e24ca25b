import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from '@towpath/cli/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { earlierTree } from './earlier-tree.ts';
import { pidRuns } from './leftovers.ts';
import { SideFile } from './side-file.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given an earlier Towpath with a service in production, and a push whose tests are running', () => {
    let world: World;

    beforeAll(() => {
      world = World.create();
    });

    afterAll(() => world.end());

    test('When `up` of this one replaces it, Then stage and run go on, and no request fails', async () => {
      const tree = join(world.folder, 'earlier');
      console.log(`upgraded from: ${await earlierTree(tree, world.env)}`);
      world.tree = tree;
      await world.up();
      const [pidFile, proceed] = [join(world.folder, 'stage.pid'), join(world.folder, 'proceed')];
      const tests = new SideFile(world.folder, 'tests');
      const slow = `${tests.command}; echo before; echo $$ > '${pidFile}'; until test -e '${proceed}'; do sleep 0.1; done; echo after`;
      writeFileSync(proceed, '');
      const api = await world.service('api', nodeService({ version: 'v1', test: slow }));
      await world.ship(api);

      for (const file of [pidFile, proceed]) rmSync(file);
      await api.commit('Second', nodeService({ version: 'v2', test: slow }));
      const pushing = api.pushing();
      await expect
        .poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 60_000 })
        .toMatch(/\d\n/);
      const stage = Number(readFileSync(pidFile, 'utf8'));
      const before = await world.pids();
      const load = new Load(
        world.is.routerUrl,
        [{ host: 'api.localhost', path: '/', body: null, stream: '/stream?5' }],
        100,
      );
      load.start();

      world.tree = null;
      const { started } = await world.up();
      expect(started).toContain('server-1');
      expect(started).not.toContain('router');
      const after = await world.pids();
      const replaced = Object.keys(before).filter((name) => after[name] !== before[name]);
      expect(replaced.toSorted()).toEqual(started.toSorted());
      expect(pidRuns(stage)).toBe(true);

      writeFileSync(proceed, '');
      const run = await world.waitFor(2);
      expect(run).toMatchObject({ status: 'waiting' });
      expect(tests.runs).toEqual([1, 2]);
      expect((await world.cliIn(api.folder, 'logs', '2', 'unit')).stdout).toMatch(/^before\nafter\n$/m);
      const pushed = await pushing.pushed;
      console.log(`the push ended with ${pushed.code}: ${pushed.lines.at(-1)}`);
      await world.client.call('approve', { params: { run: 2 }, body: {} });
      await world.waitFor(2, ({ status }) => status === 'succeeded');
      expect((await world.who('api.localhost')).version).toBe('v2');
      const { total, failed, failures } = await load.stop();
      expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
      expect(total).toBeGreaterThan(100);
    });
  });
});
