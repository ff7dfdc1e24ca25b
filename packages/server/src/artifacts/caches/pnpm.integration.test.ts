import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { downloadVariables } from '../../domain/cache/downloads.ts';
import { type CacheScope, cacheScopes } from '../../domain/cache/scope.ts';
import { downloadsOf } from './downloads.ts';
import type { Planned } from './testing/planned.ts';
import { integrityOf, packed, registry } from './testing/registry.ts';
import { eachWithScene, ours, trusted } from './testing/scene.ts';
import { toolchainOf } from './toolchain.ts';

const at = eachWithScene();
const timeout = 120_000;
const command = 'pnpm install --frozen-lockfile';
const feature = cacheScopes({ service: 1, branch: 'feature', trusted: false });

/** `greet` comes with a program, which asks `where` for its place, and leaves a file behind when it is installed. */
const greet = packed({
  'package.json': JSON.stringify({
    ...{ name: 'greet', version: '1.0.0', bin: 'greet.js', dependencies: { where: '1.0.0' } },
    scripts: { postinstall: 'echo built > built.txt' },
  }),
  'greet.js': "#!/usr/bin/env node\nconsole.log(require('where'))\n",
});
const where = packed({
  'package.json': JSON.stringify({ name: 'where', version: '1.0.0', bin: 'index.js' }),
  'index.js': '#!/usr/bin/env node\nmodule.exports = __dirname\n',
});

function project(url: string): Readonly<Record<string, string>> {
  return {
    'package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      scripts: { greet: 'greet' },
      dependencies: { greet: '1.0.0' },
    }),
    '.npmrc': `registry=${url}/\n`,
    // 10 and 11 have different names for what may run scripts. Neither may install again on its own.
    'pnpm-workspace.yaml':
      'onlyBuiltDependencies: [greet]\nallowBuilds: {greet: true}\nminimumReleaseAge: 0\nverifyDepsBeforeRun: error\n',
    'pnpm-lock.yaml': `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      greet:
        specifier: 1.0.0
        version: 1.0.0

packages:

  greet@1.0.0:
    resolution: {integrity: ${integrityOf(greet)}}
    hasBin: true

  where@1.0.0:
    resolution: {integrity: ${integrityOf(where)}}
    hasBin: true

snapshots:

  greet@1.0.0:
    dependencies:
      where: 1.0.0

  where@1.0.0: {}
`,
  };
}

withParts(['pnpm'], () => {
  /** A checkout of it, and what is wished for it. */
  async function checkout(url: string): Promise<Planned> {
    const { root, place } = await at.scene.checkout();
    for (const [name, text] of Object.entries(project(url))) await writeFile(join(root, name), text);
    const caches = at.scene.server({ env: envOf(trusted.writes), toolchain: toolchainOf });
    const plan = await caches.plan({ top: root, folder: '.', command });
    if (plan === null || 'refused' in plan) throw new Error(JSON.stringify(plan));
    expect(plan).toMatchObject({ root, folders: ['node_modules'] });
    return { ...plan, place };
  }

  function envOf(scope: CacheScope): Record<string, string> {
    const { PATH = '' } = process.env;
    const downloads = downloadsOf(at.scene.dataDir, scope);
    const folders = { shared: join(downloads, 'shared'), own: join(downloads, 'own/1') };
    return { PATH, HOME: at.scene.dataDir, CI: 'true', ...downloadVariables(folders) };
  }

  async function run(plan: Planned, line: string, scope = trusted.writes): Promise<string> {
    const options = { cwd: dirname(plan.place), env: envOf(scope) };
    return (await promisify(execFile)('sh', ['-c', line], options)).stdout;
  }

  test('node_modules of pnpm works where it is restored, and pnpm sees nothing to do', { timeout }, async () => {
    using source = await registry({ '/greet/-/greet-1.0.0.tgz': greet, '/where/-/where-1.0.0.tgz': where });
    const first = await checkout(source.url);
    await run(first, command);
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    const asked = source.asked.length;
    // One that lay ready, for the same scope; and one that is made when it is asked for, for another.
    for (const [scopes, prepare] of [
      [trusted, () => at.scene.caches.settled()],
      [feature, () => at.scene.dropSpares()],
    ] as const) {
      await prepare();
      const next = await checkout(source.url);
      expect(next.key).toBe(first.key);
      const restored = await at.scene.caches.restore(next, scopes, ours);
      expect(restored?.installMs).toEqual(expect.any(Number));
      // Its programs look for packages in folders, which have to be those of this place.
      const place = join(next.place, '.pnpm/where@1.0.0/node_modules/where');
      for (const line of ['node_modules/.bin/greet', 'pnpm exec greet', 'pnpm --silent run greet'])
        expect((await run(next, line, scopes.writes)).trim()).toBe(place);
      expect(await readFile(join(next.place, 'greet/built.txt'), 'utf8')).toBe('built\n');
      const elsewhere = `grep -rIl -e '${dirname(first.place)}/' -e '${dirname(first.place)}"' node_modules || true`;
      expect(await run(next, elsewhere)).toBe('');
      const modules = await readFile(join(next.place, '.modules.yaml'), 'utf8');
      expect(modules).toContain(`${downloadsOf(at.scene.dataDir, scopes.writes)}/`);
      expect(await run(next, command, scopes.writes)).toContain('Already up to date');
    }
    expect(source.asked).toHaveLength(asked);
    expect(at.scene.troubles).toEqual([]);
  });

  test("what a run writes into its copy reaches neither pnpm's store nor the entry", { timeout }, async () => {
    using source = await registry({ '/greet/-/greet-1.0.0.tgz': greet, '/where/-/where-1.0.0.tgz': where });
    const first = await checkout(source.url);
    await run(first, command);
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    const next = await checkout(source.url);
    expect(await at.scene.caches.restore(next, trusted, ours)).not.toBeNull();
    await writeFile(join(next.place, '.pnpm/where@1.0.0/node_modules/where/index.js'), 'module.exports = "poison"\n');
    for (const fresh of [true, false]) {
      const third = await checkout(source.url);
      if (fresh) await run(third, command);
      else expect(await at.scene.caches.restore(third, trusted, ours)).not.toBeNull();
      expect(await run(third, 'node_modules/.bin/greet')).toContain(third.place);
    }
  });
});
