import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StageCommand } from '../executors/executor.ts';
import type { ServiceRow } from '../store/services.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;
/** Every command in order: what it was told of the cache, and what lay in node_modules when it began. */
let commands: { stage: string; env: StageCommand['env']; found: string | null }[];
let installs: number;

const lock = { 'package.json': JSON.stringify({ dependencies: { a: '1' } }), 'package-lock.json': '{}' };

beforeAll(async () => {
  world = await RunWorld.open();
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  commands = [];
  installs = 0;
  world.executor.machine.knobs.script = ({ cwd, env }, key) => {
    const file = join(cwd, 'node_modules/a.js');
    const found = existsSync(file) ? readFileSync(file, 'utf8') : null;
    commands.push({ stage: key.split(':')[1] ?? '', env, found });
    if (env.TOWPATH_RESTORED === undefined) {
      mkdirSync(join(cwd, 'node_modules'), { recursive: true });
      writeFileSync(file, `install ${++installs}`);
    }
    // A build that leaves something behind in there.
    if (key.includes(':build:')) writeFileSync(file, 'spoilt');
    return [];
  };
});

async function run(service: ServiceRow, { branch = 'main', files = {} as Record<string, string> } = {}) {
  const row = await world.push(service, { ...lock, ...files }, branch);
  commands.length = 0;
  await world.begin(row);
  await world.house.caches.settled();
  return [...commands];
}

const told = ({ stage, env, found }: (typeof commands)[number]) => [
  stage,
  env.TOWPATH_RESTORED?.replaceAll(/\d+\.\d s/g, '… s') ?? env.TOWPATH_CACHE ?? null,
  found,
];
const line = 'dependencies restored from the cache of package-lock.json in … s';
const missed = 'no dependencies of this package-lock.json were in the cache';

test('the first prepare installs; its build and all later runs get what it installed, untouched by builds', async () => {
  const service = await world.service({ start: 'serve' });
  expect((await run(service)).map(told)).toEqual([
    ['prepare', missed, null],
    ['build', line, 'install 1'],
  ]);
  expect((await run(service, { files: { 'index.js': 'changed' } })).map(told)).toEqual([
    ['prepare', line, 'install 1'],
    ['build', line, 'install 1'],
  ]);
  expect((await run(service, { files: { 'package-lock.json': '{"a":2}' } })).map(told)[0]).toEqual([
    'prepare',
    missed,
    null,
  ]);
  expect(world.cacheTroubles).toEqual([]);
});

test('a trusted run gets nothing of a branch without an environment; that one gets both', async () => {
  const service = await world.service({ start: 'serve' });
  expect((await run(service, { branch: 'feature' })).map(told)).toEqual([['prepare', missed, null]]);
  expect((await run(service, { branch: 'feature' })).map(told)).toEqual([['prepare', line, 'install 1']]);
  expect((await run(service, { branch: 'other' })).map(told)).toEqual([['prepare', missed, null]]);
  expect((await run(service)).map(told)[0]).toEqual(['prepare', missed, null]);
  expect((await run(service, { branch: 'third' })).map(told)).toEqual([['prepare', line, 'install 3']]);
});

test('why nothing is kept is told', async () => {
  const service = await world.service({ start: 'serve' });
  const files = { 'package.json': JSON.stringify({ dependencies: { a: '1' }, scripts: { postinstall: 'make' } }) };
  const why = 'dependencies are not cached: npm ci also runs the script "postinstall" of package.json';
  for (let turn = 0; turn < 2; turn++)
    expect((await run(service, { files })).map(told)[0]).toEqual(['prepare', why, null]);
});

test('an install command of unknown effect runs as it is', async () => {
  const service = await world.service({ start: 'serve', install: 'make deps' });
  expect((await run(service)).map(told)).toEqual([
    ['prepare', null, null],
    ['build', null, null],
  ]);
});

test('variables that the service sets change what is kept', async () => {
  const service = await world.service({ start: 'serve' });
  await run(service);
  const other = { ...service, settings: { ...service.settings, env: { NODE_ENV: 'production' } } };
  expect((await run(other)).map(told)[0]).toEqual(['prepare', missed, null]);
  expect((await run(other)).map(told)[0]).toEqual(['prepare', line, 'install 2']);
});

test('each trust scope has its download caches; the folder of a variable that the service sets is its own', async () => {
  const service = await world.service({ start: 'serve', env: { GOCACHE: '/mine' } });
  const folders = async (branch: string) => {
    const [prepare] = await run(service, { branch, files: { 'index.js': branch } });
    return prepare?.env ?? {};
  };
  const [main, feature] = [await folders('main'), await folders('feature')];
  for (const name of ['npm_config_cache', 'GOMODCACHE', 'CARGO_HOME', 'XDG_CACHE_HOME']) {
    expect(main[name]).toContain(`/caches/downloads/${service.id}-trusted/`);
    expect(feature[name]).toMatch(new RegExp(`/caches/downloads/${service.id}-[0-9a-f]{16}/`));
  }
  expect([main.GOCACHE, feature.GOCACHE]).toEqual(['/mine', '/mine']);
  expect(await folders('main')).toMatchObject({ npm_config_cache: main.npm_config_cache });
  await world.downloads.settled();
  const scope = join(main.npm_config_cache ?? '', '../..');
  expect(readdirSync(join(scope, 'uses'))).toEqual([]);
  expect(readdirSync(join(scope, 'idle'))).toHaveLength(1);
  expect(world.cacheTroubles).toEqual([]);
});

test('the script is the same whatever the cache holds', async () => {
  const service = await world.service({ start: 'serve' });
  const scripts = new Set<string>();
  for (let turn = 0; turn < 2; turn++) {
    await run(service);
    for (const [key, { command }] of world.executor.machine.commands) {
      if (key.includes(':prepare:') && command.argv[3]?.includes('npm ci')) scripts.add(command.argv.join(' '));
    }
  }
  expect(scripts.size).toBe(1);
});
