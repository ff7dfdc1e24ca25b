import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { downloadVariables } from '../../domain/cache/downloads.ts';
import { type CacheScope, cacheScopes } from '../../domain/cache/scope.ts';
import { downloadsOf } from './downloads.ts';
import type { CachePlan } from './plan.ts';
import { integrityOf, packed, registry } from './testing/registry.ts';
import { eachWithScene, ours, trusted } from './testing/scene.ts';
import { toolchainOf } from './toolchain.ts';

const at = eachWithScene();
const timeout = 240_000;
const feature = cacheScopes({ service: 1, branch: 'feature', trusted: false });

/** Two versions of one package, each with a program that says where it is and which it is. */
const where = Object.fromEntries(
  ['1.0.0', '2.0.0'].map((version) => {
    const text = '#!/usr/bin/env node\nif (require.main === module) console.log(__dirname)\nmodule.exports = VERSION\n';
    const files = {
      'package.json': JSON.stringify({ name: 'where', version, bin: 'where.js', main: 'where.js' }),
      'where.js': text.replace('VERSION', JSON.stringify(version)),
    };
    return [version, packed(files)];
  }),
);

/** A service in apps/web, two packages beside it of which one needs the other, a program among them, versions that differ. */
const files: Readonly<Record<string, object | string>> = {
  'apps/web/package.json': {
    ...{ name: 'web', version: '1.0.0', private: true, scripts: { tool: 'tool', where: 'where' } },
    dependencies: { '@s/a': '1.0.0', '@s/b': '1.0.0', where: '2.0.0' },
  },
  'apps/web/index.js': "console.log(require('@s/a'), require('@s/b'), require('where'))\n",
  'packages/a/package.json': {
    ...{ name: '@s/a', version: '1.0.0', main: 'a.js', bin: { tool: 'tool.js', later: 'dist/later.js' } },
    dependencies: { where: '1.0.0' },
  },
  'packages/a/a.js': "module.exports = 'a' + require('where')\n",
  'packages/a/tool.js': "#!/usr/bin/env node\nconsole.log('tool', require('where'))\n",
  'packages/b/package.json': { name: '@s/b', version: '1.0.0', main: 'b.js', dependencies: { '@s/a': '1.0.0' } },
  'packages/b/b.js': "module.exports = 'b' + require('@s/a')\n",
  'packages/none/package.json': { name: 'none', version: '1.0.0', private: true },
};

interface Tool {
  readonly part: 'npm' | 'pnpm';
  readonly command: string;
  /** Writes the lock file. */
  readonly lock: string;
  readonly lockfile: string;
  readonly more: Readonly<Record<string, object | string>>;
  readonly run: (script: string) => string;
}

const top = { name: 'top', version: '1.0.0', private: true, devDependencies: { where: '2.0.0' } };
const tools: readonly Tool[] = [
  {
    part: 'npm',
    command: 'npm ci',
    lock: 'npm install --package-lock-only',
    lockfile: 'package-lock.json',
    more: { 'package.json': { ...top, workspaces: ['apps/*', 'packages/**'] } },
    run: (script) => `npm --silent run ${script}`,
  },
  {
    part: 'pnpm',
    command: 'pnpm install --frozen-lockfile',
    lock: 'pnpm install --lockfile-only',
    lockfile: 'pnpm-lock.yaml',
    more: {
      'package.json': top,
      'pnpm-workspace.yaml': [
        'packages: ["apps/*", "packages/**", "!**/test/**"]',
        ...['linkWorkspacePackages: true', 'minimumReleaseAge: 0', 'verifyDepsBeforeRun: error', ''],
      ].join('\n'),
    },
    run: (script) => `pnpm --silent run ${script}`,
  },
];

for (const tool of tools) {
  withParts([tool.part], () => {
    const env = (scope: CacheScope) => {
      const { PATH = '' } = process.env;
      const downloads = downloadsOf(at.scene.dataDir, scope);
      const folders = { shared: join(downloads, 'shared'), own: join(downloads, 'own/1') };
      return { PATH, HOME: at.scene.dataDir, CI: 'true', ...downloadVariables(folders) };
    };
    const run = async (folder: string, line: string, scope = trusted.writes) =>
      (await promisify(execFile)('sh', ['-c', line], { cwd: folder, env: env(scope) })).stdout.trim();
    let lock: string | null = null;

    /** A checkout of it, and what is wished for an install in this folder. */
    async function checkout(url: string, folder: string): Promise<{ folder: string; plan: CachePlan }> {
      const { root } = await at.scene.checkout();
      const all = {
        ...files,
        ...tool.more,
        '.npmrc': `registry=${url}/\naudit=false\nfund=false\nlink-workspace-packages=true\n`,
      };
      for (const [name, text] of Object.entries(all)) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        const mode = name.endsWith('tool.js') ? 0o755 : 0o644;
        await writeFile(join(root, name), typeof text === 'string' ? text : JSON.stringify(text), { mode });
      }
      if (lock === null) {
        await run(root, tool.lock);
        lock = await readFile(join(root, tool.lockfile), 'utf8');
      }
      await writeFile(join(root, tool.lockfile), lock);
      const caches = at.scene.server({ env: env(trusted.writes), toolchain: toolchainOf });
      const plan = await caches.plan({ top: root, folder, command: tool.command });
      if (plan === null || 'refused' in plan) throw new Error(JSON.stringify(plan));
      return { folder: join(root, folder), plan };
    }

    async function source() {
      const answers: Record<string, Buffer | string> = {};
      const found = await registry(answers);
      for (const [version, tarball] of Object.entries(where)) answers[`/where/-/where-${version}.tgz`] = tarball;
      const versions = Object.entries(where).map(([version, tarball]) => [
        version,
        {
          ...{ name: 'where', version, bin: { where: 'where.js' } },
          dist: { tarball: `${found.url}/where/-/where-${version}.tgz`, integrity: integrityOf(tarball) },
        },
      ]);
      answers['/where'] = JSON.stringify({
        name: 'where',
        'dist-tags': { latest: '2.0.0' },
        versions: Object.fromEntries(versions),
      });
      return found;
    }

    test.each(['.', 'apps/web'])(
      `a workspace of ${tool.part}, installed in %s, works where it is restored`,
      { timeout },
      async (folder) => {
        lock = null;
        using from = await source();
        const first = await checkout(from.url, folder);
        expect(first.plan.folders).toEqual([
          ...['node_modules', 'apps/web/node_modules', 'packages/a/node_modules'],
          ...['packages/b/node_modules', 'packages/none/node_modules'],
        ]);
        await run(first.folder, tool.command);
        const web = (root: string) => run(join(root, 'apps/web'), 'node index.js');
        expect(await web(first.plan.root)).toBe('a1.0.0 ba1.0.0 2.0.0');
        const made = await run(first.plan.root, listing);
        expect(await at.scene.caches.save(first.plan, trusted, ours)).toBe(true);
        const asked = from.asked.length;
        for (const [scopes, prepare] of [
          [trusted, () => at.scene.caches.settled()],
          [feature, () => at.scene.dropSpares()],
        ] as const) {
          await prepare();
          const next = await checkout(from.url, folder);
          expect(next.plan.key).toBe(first.plan.key);
          expect((await at.scene.caches.restore(next.plan, scopes, ours))?.installMs).toEqual(expect.any(Number));
          const { root } = next.plan;
          expect(await run(root, listing)).toBe(made);
          expect(await web(root)).toBe('a1.0.0 ba1.0.0 2.0.0');
          for (const line of [
            tool.run('tool'),
            `PATH="$PWD/node_modules/.bin:$PWD/../../node_modules/.bin:$PATH" tool`,
          ])
            expect(await run(join(root, 'apps/web'), line, scopes.writes)).toBe('tool 1.0.0');
          const place = await run(join(root, 'apps/web'), tool.run('where'), scopes.writes);
          expect(await realpath(place)).toMatch(new RegExp(`^${root}/`));
          expect(await run(root, `grep -rIl -e '${first.plan.root}/' -e '${first.plan.root}"' . || true`)).toBe('');
          expect(existsSync(join(root, 'node_modules/.towpath-waiting'))).toBe(false);
          // npm would do it all again.
          if (tool.part === 'pnpm')
            expect(await run(next.folder, tool.command, scopes.writes)).not.toMatch(/Recreating|Packages: \+/);
        }
        expect(from.asked).toHaveLength(asked);
        expect(at.scene.troubles).toEqual([]);
        expect(at.scene.parts()).toEqual([]);
      },
    );
  });
}

/** Every file, link and folder of the folders of packages, with modes and where links lead to. */
const listing = "find . -path '*node_modules*' -printf '%p %M %l\\n' | sort";
