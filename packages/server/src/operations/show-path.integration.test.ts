import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { showPath } from './show-path.ts';
import { ada, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { health: { path: '/healthz' } });
});

afterEach(async () => {
  await world.close();
});

const look = (input: { branch?: string; environment?: string } = {}) =>
  showPath(world.house, ada, { service: 'api', ...input });

function commit(files: Record<string, string>, branch = 'main'): string {
  return world.house.source.push('shop/api', { branch, message: 'first', files });
}

const app = {
  'package.json': JSON.stringify({ scripts: { test: 'node --test', start: 'node .' } }),
  'towpath.yaml':
    'environments:\n  staging:\n    replicas: 2\n    beforeDeploy: ./warm.sh\n  production:\n    deploy: auto\n',
};

/** What lies where commits are looked at. */
const left = () => readdir(join(world.house.config.dataDir, 'workspaces', 'looks'));

test('what its commands would run with, and what is missing', async () => {
  const bin = '/home/ada/.nvm/versions/node/v22.14.0/bin';
  const node = {
    name: 'node',
    version: '22.14.0',
    place: '~/.nvm',
    bin,
    program: `${bin}/node`,
    env: {},
    onPath: false,
  };
  world.house.toolchains.found = [node];
  commit({ ...app, '.nvmrc': '22' });
  expect((await look()).toolchains).toEqual([
    { name: 'node', wanted: '22', origin: '.nvmrc', uses: '22.14.0 (~/.nvm)', remark: null },
  ]);
  world.house.toolchains.found = [];
  expect((await look()).toolchains).toMatchObject([
    { uses: null, remark: expect.stringContaining('node 22, wanted by .nvmrc, is not on this machine') },
  ]);
});

test('the newest commit of the main branch: stages, every setting with its origin, what differs', async () => {
  const id = commit(app);
  const view = await look();
  expect(view).toMatchObject({ service: 'api', branch: 'main', commit: id, message: 'first', question: null });
  expect(view.kind?.value).toContain('Node');
  expect(view.stages.map(({ name }) => name)).toEqual([
    'prepare',
    'quality',
    'unit',
    'build',
    'deploy staging',
    'approval production',
    'deploy production',
  ]);
  expect(view.stages[1]?.skip).toContain('towpath service set api --quality');
  expect(view.stages[2]?.settings).toEqual([
    { path: 'test', value: 'npm test', origin: 'detected: package.json, script "test"' },
  ]);
  expect(view.settings).toContainEqual({ path: 'health.path', value: '/healthz', origin: 'service settings' });
  expect(view.differs.find((each) => each.environment === 'staging')?.settings).toContainEqual({
    path: 'replicas',
    value: 2,
    origin: 'towpath.yaml, line 3',
  });
  expect(view.refused).toEqual([expect.stringContaining('environments.production.deploy')]);
  expect(await left()).toEqual([]);
});

test('of a branch without an environment only the tests; to a named one, whatever the branch', async () => {
  commit(app);
  commit(app, 'fix');
  expect((await look({ branch: 'fix' })).stages.map(({ name }) => name)).toEqual(['prepare', 'quality', 'unit']);
  const { stages, settings, differs } = await look({ branch: 'fix', environment: 'staging' });
  expect(stages.at(-1)?.name).toBe('deploy staging');
  expect(settings).toContainEqual({ path: 'replicas', value: 2, origin: 'towpath.yaml, line 3' });
  expect(differs).toEqual([]);
});

test('mistakes in towpath.yaml are the answer, and nothing is left behind', async () => {
  commit({ ...app, 'towpath.yaml': 'replicas: three\n' });
  await expect(look()).rejects.toMatchObject({
    code: 'unreadable_settings',
    message: expect.stringContaining('towpath.yaml:1: replicas'),
  });
  expect(await left()).toEqual([]);
});

test('nothing to start is a question with the way to answer it', async () => {
  commit({ 'notes.txt': 'nothing' });
  expect((await look()).question).toContain('towpath service set api --start');
});

test('nothing pushed, no such branch, no such environment', async () => {
  await expect(look()).rejects.toMatchObject({ code: 'empty_repository' });
  commit(app);
  await expect(look({ branch: 'nope' })).rejects.toMatchObject({ code: 'unknown_branch' });
  await expect(look({ environment: 'nope' })).rejects.toMatchObject({ code: 'unknown_environment' });
});
