import { chmod, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { viewCommit } from './commit-view.ts';
import { eachWithScene } from './testing/scene.ts';

const at = eachWithScene();

const npm = {
  'package.json': { workspaces: ['packages/*'] },
  'packages/a/package.json': { name: 'a', bin: 'cli.js' },
  'packages/a/cli.js': '#!/usr/bin/env node\n',
  'package-lock.json': {
    packages: { '': {}, 'packages/a': {}, 'node_modules/a': { resolved: 'packages/a', link: true } },
  },
};
const yarn = {
  'package.json': { private: true, workspaces: ['packages/*'] },
  'packages/a/package.json': { name: 'a', bin: 'cli.js' },
  'packages/a/cli.js': '#!/usr/bin/env node\n',
  'yarn.lock': '',
};

type Files = Readonly<Record<string, object | string>>;

async function put(files: Files): Promise<string> {
  const { root } = await at.scene.checkout();
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
    if (name.endsWith('cli.js')) await chmod(path, 0o755);
  }
  return root;
}

const plan = (top: string, { folder = '.', command = 'npm ci' } = {}) => at.scene.caches.plan({ top, folder, command });

test('a workspace is planned from its root, wherever the service lies', async () => {
  const root = await put(npm);
  const folders = ['node_modules', 'packages/a/node_modules'];
  expect(await plan(root)).toMatchObject({ root, folders });
  expect(await plan(root, { folder: 'packages/a' })).toMatchObject({ root, folders });
});

const secrets = () => join(at.scene.dataDir, 'secrets');

test.each<[string, (root: string) => Promise<unknown>, RegExp]>([
  [
    'a member that is a link out of the checkout',
    async (root) => {
      await rename(join(root, 'packages/a'), secrets());
      await symlink(secrets(), join(root, 'packages/a'));
    },
    /^packages\/a is, or lies behind, a link$/,
  ],
  [
    'a link to a member as one more member',
    (root) => symlink('a', join(root, 'packages/b')),
    /^packages\/b is, or lies behind, a link$/,
  ],
  [
    'members behind a link',
    async (root) => {
      await rename(join(root, 'packages'), secrets());
      await symlink(secrets(), join(root, 'packages'));
    },
    /^packages is a link$/,
  ],
  [
    'a manifest that is a link',
    async (root) => {
      await rename(join(root, 'packages/a/package.json'), secrets());
      await symlink(secrets(), join(root, 'packages/a/package.json'));
    },
    /^packages\/a\/package\.json is a link$/,
  ],
  [
    'a lock file that is too large',
    (root) =>
      truncate(join(root, 'package-lock.json'), 17 * 1024 * 1024).then(() =>
        truncate(join(root, 'yarn.lock'), 17 * 1024 * 1024),
      ),
    /\.(?:json|lock) is no plain file of at most 16 MiB$/,
  ],
  [
    'a lock file that is a folder',
    async (root) => {
      for (const name of ['npm-shrinkwrap.json', '.yarnrc']) await mkdir(join(root, name));
    },
    /is no plain file of at most 16 MiB$/,
  ],
  [
    'a program that is not executable',
    (root) => chmod(join(root, 'packages/a/cli.js'), 0o644),
    /^packages\/a\/cli\.js, a program/,
  ],
  [
    'a program with lines as on Windows',
    (root) => writeFile(join(root, 'packages/a/cli.js'), '#!/usr/bin/env node\r\n'),
    /^packages\/a\/cli\.js, a program/,
  ],
  [
    'a folder with more names than are looked at',
    async (root) => {
      for (let index = 0; index < 1_001; index++) await writeFile(join(root, 'packages', `f${index}`), '');
    },
    /^packages has more than 1000 entries$/,
  ],
  [
    'packages in the commit',
    async (root) => {
      await mkdir(join(root, 'packages/a/node_modules'));
    },
    /^packages\/a\/node_modules lies there already$/,
  ],
])('%s: nothing is kept, and that is said', async (_what, spoil, why) => {
  for (const [files, command] of [
    [{ ...npm, 'yarn.lock': '' }, 'npm ci'],
    [{ ...yarn, 'package-lock.json': '' }, 'yarn install --frozen-lockfile'],
  ] as const) {
    const root = await put(files);
    await spoil(root);
    expect(await plan(root, { command })).toEqual({ refused: expect.stringMatching(why) });
    await rename(secrets(), join(at.scene.dataDir, `old-${command}`)).catch(() => {});
  }
  expect(at.scene.troubles).toEqual([]);
});

test('a service behind a link is not looked at', async () => {
  const root = await put(npm);
  await rename(join(root, 'packages'), secrets());
  await symlink(secrets(), join(root, 'packages'));
  expect(await plan(root, { folder: 'packages/a' })).toBeNull();
});

test("links that are nobody's matter do not", async () => {
  const root = await put(npm);
  await symlink('/etc/hostname', join(root, 'packages/README'));
  await symlink('..', join(root, 'packages/up-without-a-manifest'));
  await rename(join(root, 'package.json'), join(root, 'x'));
  await writeFile(join(root, 'package.json'), JSON.stringify({ workspaces: ['packages/a'] }));
  expect(await plan(root)).toHaveProperty('key');
});

test('a workspace of pnpm above the checkout is not looked at', async () => {
  const files = { 'package.json': {}, 'pnpm-lock.yaml': 'importers:\n\n  .: {}\n' };
  const command = 'pnpm install --frozen-lockfile';
  const root = await put(files);
  expect(await plan(root, { command })).toHaveProperty('key');
  await writeFile(join(root, '../pnpm-workspace.yaml'), 'packages: ["*"]\n');
  expect(await plan(root, { command })).toEqual({ refused: 'pnpm-workspace.yaml lies in a folder above the checkout' });
  const own = await put({ ...files, 'pnpm-workspace.yaml': '' });
  expect(await plan(own, { command })).toHaveProperty('key');
});

test('no path leads out of the view', async () => {
  const root = await put({ ...npm, '../secret.json': '{}' });
  const view = viewCommit(root);
  for (const path of ['../secret.json', 'packages/../../secret.json', '/etc/passwd', join(root, 'package.json')]) {
    expect(view.exists(path)).toBe(false);
    expect([view.read(path), view.readLock(path), view.program(path)]).toEqual([null, null, 'none']);
    expect(view.list(path)).toEqual([]);
  }
  expect(view.list('packages')).toEqual(['a/']);
  expect(view.read('packages/a/cli.js')).toContain('env node');
});
