import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { SideFile } from './side-file.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a push whose tests are running', () => {
    let world: World;

    beforeAll(async () => {
      world = World.create();
      await world.up();
    });

    afterAll(() => world.end());

    // What a terminal sends for Ctrl-C, and what is left when a laptop is closed.
    test.each(['SIGINT', 'SIGKILL'] as const)('When git gets %s, Then the run goes on to its end', async (signal) => {
      const name = `api-${signal.toLowerCase()}`;
      const began = join(world.folder, `${name}-began`);
      const proceed = join(world.folder, `${name}-proceed`);
      const tests = new SideFile(world.folder, `${name}-tests`);
      const command = `${tests.command}; touch '${began}'; until test -e '${proceed}'; do sleep 0.1; done`;
      const api = await world.service(name, nodeService({ test: command }));
      const pushing = api.pushing();
      await pushing.line(/● unit …/);
      await expect.poll(() => existsSync(began), { timeout: 60_000 }).toBe(true);
      const { pid } = pushing.child;
      if (pid === undefined) throw new Error('git did not start');
      process.kill(-pid, signal);
      const { code } = await pushing.pushed;
      expect(code).not.toBe(0);
      const { runs } = await world.client.call('listRuns', { query: { service: name } });
      expect(runs).toMatchObject([{ status: 'running' }]);
      const run = runs[0]?.run ?? 0;
      writeFileSync(proceed, '');
      expect(await world.waitFor(run)).toMatchObject({ status: 'waiting' });
      expect(tests.runs).toEqual([run]);
      expect(await world.who(`${name}-staging.localhost`)).toMatchObject({ version: 'v1' });

      // The branch has moved: pushing again has nothing to send.
      const again = await api.push();
      expect(again).toMatchObject({ code: 0, run: null });
      expect(again.said).toContain('Everything up-to-date');
    });
  });
});
