import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Repository } from './repository.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

/** Where Towpath's own Node lies. */
const modules = realpathSync(fileURLToPath(new URL('../node_modules', import.meta.url)));
const says = 'echo "which $(command -v node)"; node -p "\'runs \' + process.execPath"; echo "npm $(command -v npm)"';

/** A Node of the machine that is not Towpath's own. */
function someNode(): string {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  return execFileSync('node', ['-p', 'process.execPath'], { env, encoding: 'utf8' }).trim();
}

withParts(['git', 'proc'], () => {
  describe('Given a machine with a Node 99 that a version manager keeps', () => {
    let world: World;
    let api: Repository;
    let bin: string;
    let node: string;
    const log = async (run: number, stage: string) => (await world.cliIn(api.folder, 'logs', `${run}`, stage)).stdout;

    beforeAll(async () => {
      node = someNode();
      world = World.create();
      bin = join(world.folder, 'home/.nvm/versions/node/v99.1.0/bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'node'), `#!/bin/sh\nexec '${node}' "$@"\n`);
      chmodSync(join(bin, 'node'), 0o755);
      // As `npx` and `npm run` would start it.
      const PATH = [join(modules, '.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
      world.env.PATH = PATH;
      await world.up();
      api = await world.service('api', { ...nodeService({ test: says, build: says }), '.nvmrc': '99\n' });
    });

    afterAll(() => world.end());

    test("When a service that pins it is pushed, Then every stage and the release run with it, and none with Towpath's own", async () => {
      const { pushed } = await world.ship(api);
      const run = pushed.run ?? 0;
      expect(await log(run, 'prepare')).toContain('node 99.1.0 (~/.nvm, wanted by .nvmrc: 99)');
      for (const stage of ['unit', 'build']) {
        const said = await log(run, stage);
        expect(said).toContain(`which ${join(bin, 'node')}\n`);
        expect(said).toContain(`runs ${node}\n`);
        expect(said).not.toContain(modules);
      }
      const live = await world.cliIn(api.folder, 'exec', '--', 'sh', '-c', says);
      expect(live.stdout).toContain(`which ${join(bin, 'node')}\n`);
      expect(live.stdout).not.toContain(modules);
    });

    test('Then `towpath path` says what will be used, and for whom', async () => {
      expect((await world.cliIn(api.folder, 'path')).stdout).toMatch(
        /toolchains\n {2}node {2}99\.1\.0 \(~\/\.nvm\) {2}← \.nvmrc: 99\n/,
      );
    });

    test('When a version is wished for that is not there, Then prepare says what is, and how to get it', async () => {
      await world.cliIn(api.folder, 'service', 'set', '--runtime', 'node=98');
      await api.commit('Another change');
      const { said } = await api.push();
      expect(said).toContain('node 98, wanted by service settings, is not on this machine: there is ');
      expect(said).toContain('99.1.0 (~/.nvm)');
      expect(said).toContain('Get it: nvm install 98');
      await world.cliIn(api.folder, 'service', 'set', '--runtime', 'node=');
    });

    test('When it is removed, Then a release that was made with it says so instead of running with another, and the old one stays', async () => {
      rmSync(dirname(bin), { recursive: true });
      const changed = await world.cliIn(api.folder, 'config', 'set', 'A=1');
      expect(changed.code).toBe(1);
      expect(changed.stdout).toContain(`v2 runs with node 99.1.0, and ${join(bin, 'node')} is gone`);
      expect((await world.target('api', 'production')).release?.version).toBe(1);
      expect(await world.ask('api.localhost')).toMatchObject({ status: 200 });
    });
  });
});
