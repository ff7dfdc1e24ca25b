import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { nodeService, serviceJson } from './templates.ts';
import { Volume } from './volume.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a data folder on a small volume', () => {
    let world: World;
    let volume: Volume | null;

    beforeEach(() => {
      world = World.create('volume/data');
      volume = null;
    });

    afterEach(async () => {
      try {
        await world.down();
      } finally {
        await volume?.unmount();
        await world.end();
      }
    });

    test('When it is too small, Then up says how much is needed, and leaves nothing behind', async ({ skip }) => {
      volume = await Volume.mount(join(world.folder, 'volume'), 20, world.env);
      if (volume === null) return skip(Volume.missing);
      const ended = await world.cli('up', '--data', world.data);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(
        /^error: the volume of .* has \d+ MB left, and setting up takes \d+ MB\n→ Free some/,
      );
      expect(world.processes()).toEqual([]);
    });

    test('When it runs full, Then a push fails and says so, users notice nothing, and room heals it', async ({
      skip,
    }) => {
      volume = await Volume.mount(join(world.folder, 'volume'), 400, world.env);
      if (volume === null) return skip(Volume.missing);
      await world.up();
      const api = await world.service('api', nodeService());
      await world.ship(api);
      volume.fill();
      await api.commit('Second', { 'service.json': serviceJson({ version: 'v2' }) });
      const pushed = await api.push();
      expect(pushed.code).not.toBe(0);
      expect(pushed.said).toContain('No space left on device');
      const deploying = world.cli('deploy', 'api');
      for (let times = 0; times < 20; times++) expect((await world.who('api.localhost')).version).toBe('v1');
      volume.free();
      // It failed, or waited: the database lies there, too, and a run goes on when its progress can be written again.
      expect((await deploying).stdout).toMatch(/failed.*prepare: the disk is full|waits for approval|succeeded/);
      await api.commit('Third', { 'service.json': serviceJson({ version: 'v3' }) });
      await world.ship(api);
      expect((await world.who('api.localhost')).version).toBe('v3');
    });
  });
});
