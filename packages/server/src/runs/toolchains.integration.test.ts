import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FoundToolchain } from '../domain/runtime/toolchain.ts';
import { Fuse } from '../engine/testing/memory.ts';
import type { StageCommand } from '../executors/executor.ts';
import { listReleases } from '../store/releases.ts';
import type { ServiceRow } from '../store/services.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;
let commands: { stage: string; env: StageCommand['env'] }[];

beforeAll(async () => {
  world = await RunWorld.open();
});
afterAll(async () => {
  await world.close();
});
beforeEach(() => {
  commands = [];
  world.toolchains.found = [];
  world.toolchains.lacks.clear();
  world.toolchains.gone.clear();
  world.executor.machine.knobs.script = ({ env }, key) => {
    commands.push({ stage: key.split(':')[1] ?? '', env });
    return [];
  };
});

const node = (version: string, more: Partial<FoundToolchain> = {}): FoundToolchain => {
  const bin = `/home/ada/.nvm/versions/node/v${version}/bin`;
  return { name: 'node', version, place: '~/.nvm', bin, program: `${bin}/node`, env: {}, onPath: false, ...more };
};
const onPath = (version: string) => node(version, { place: 'on the PATH', bin: '/usr/bin', onPath: true });
const files = { 'package.json': JSON.stringify({ scripts: { test: 'x', build: 'x', start: 'x' } }), '.nvmrc': '22\n' };

async function run(given: Record<string, string>, settings: object = {}) {
  const service = await world.service(settings);
  const row = await world.begin(await world.push(service, given));
  return { service, row };
}
const paths = () => Object.fromEntries(commands.map(({ stage, env }) => [stage, env.PATH]));
const kept = async (service: ServiceRow) => {
  const { row } = await world.target(service, 'staging');
  return (await listReleases(world.house.db, row.id, 1))[0]?.config.toolchains;
};

test('a toolchain that is found goes before the PATH in every stage, and the release keeps it', async () => {
  world.toolchains.found = [onPath('20.20.2'), node('22.14.0'), node('18.1.0')];
  const { service } = await run(files);
  const { name, version, place, bin, program, env } = node('22.14.0');
  expect(paths()).toEqual({ prepare: bin, unit: bin, build: bin });
  expect(commands[0]?.env.TOWPATH_TOOLCHAINS).toBe('node 22.14.0 (~/.nvm, wanted by .nvmrc: 22)');
  expect(commands.slice(1).map((each) => each.env.TOWPATH_TOOLCHAINS)).toEqual([undefined, undefined]);
  expect(await kept(service)).toEqual([{ name, version, place, bin, program, env }]);
});

test('what the PATH has is left as it is, and told', async () => {
  world.toolchains.found = [onPath('22.1.0'), node('22.14.0')];
  const { service } = await run(files);
  expect(Object.values(paths())).toEqual([undefined, undefined, undefined]);
  expect(commands[0]?.env.TOWPATH_TOOLCHAINS).toBe('node 22.1.0 (on the PATH, wanted by .nvmrc: 22)');
  expect(await kept(service)).toEqual([]);
});

test('a pin that nothing fits ends prepare before anything is run', async () => {
  world.toolchains.found = [onPath('20.20.2')];
  const { row } = await run(files);
  expect(row).toMatchObject({ status: 'failed', artifactDigest: null });
  expect(row.reason).toMatch(
    /^prepare: node 22, wanted by \.nvmrc, is not on this machine: there is 20\.20\.2 \(on the PATH\)\. Get it: nvm install 22 .* `towpath rerun <number>`\.$/,
  );
  expect(commands).toEqual([]);
});

test('a range of package.json is only told of', async () => {
  world.toolchains.found = [onPath('20.20.2')];
  const manifest = { ...JSON.parse(files['package.json']), engines: { node: '>=26' } };
  const { row } = await run({ 'package.json': JSON.stringify(manifest) });
  expect(row.status).toBe('waiting');
  expect(commands[0]?.env.TOWPATH_TOOLCHAINS).toMatch(/^node 20\.20\.2 .* since npm itself only warns\. /);
});

test('a wish that is no text for a database is none for prepare either', async () => {
  world.toolchains.found = [onPath('20.20.2')];
  const manifest = { ...JSON.parse(files['package.json']), engines: { node: '\0\ud800\n>=20' } };
  const { row } = await run({ 'package.json': JSON.stringify(manifest) });
  expect(row.status).toBe('waiting');
  expect(commands[0]?.env.TOWPATH_TOOLCHAINS).toBe(
    'node 20.20.2 (on the PATH); package.json, "engines.node" says ?\ufffd?>=20, which is no version that can be read',
  );
});

test('the settings are stronger than the commit', async () => {
  world.toolchains.found = [onPath('20.20.2'), node('22.14.0'), node('18.1.0')];
  await run(files, { runtime: { node: '18' } });
  expect(commands[0]?.env).toMatchObject({
    PATH: node('18.1.0').bin,
    TOWPATH_TOOLCHAINS: 'node 18.1.0 (~/.nvm, wanted by service settings: 18)',
  });
});

test('a version that nobody understands is told as a mistake of the settings', async () => {
  const { row } = await run(files, { runtime: { python: 'three' } });
  expect(row.reason).toMatch(/^prepare: runtime\.python: "three" is no version or range/);
});

test('a tool that a command names and the machine lacks ends prepare, with how to get it', async () => {
  world.toolchains.lacks.add('go');
  const { row } = await run({ 'go.mod': 'module x\n', 'main.go': 'package main\n' });
  expect(row.reason).toMatch(/^prepare: go is not on this machine \(wanted by go\.mod\)\. Get it: .*go\.dev/);
});

test('a stage whose toolchain was removed since says so, instead of running with another', async () => {
  world.toolchains.found = [onPath('20.20.2'), node('22.14.0')];
  const { program } = node('22.14.0');
  world.executor.machine.knobs.script = (_command, key) => {
    if (key.includes(':unit:')) world.toolchains.gone.add(program);
    commands.push({ stage: key.split(':')[1] ?? '', env: {} });
    return [];
  };
  const { row, service } = await run(files);
  expect(commands.map((each) => each.stage)).toEqual(['prepare', 'unit']);
  expect(existsSync(world.house.bundles.place(service.id, `${row.id}-1`))).toBe(false);
  expect(row.status).toBe('failed');
  expect(row.reason).toMatch(
    /^build: run #\d+ runs with node 22\.14\.0, and .*\/node is gone\. Install .* or let it choose anew: towpath rerun \d+ --from prepare\.$/,
  );
});

test('dependencies that another toolchain installed are not restored', async () => {
  const lock = { 'package.json': JSON.stringify({ dependencies: { a: '1' } }), 'package-lock.json': '{}' };
  const service = await world.service({ start: 'serve' });
  const restored = async (version: string) => {
    world.toolchains.found = [onPath('20.20.2'), node(version)];
    commands = [];
    await world.begin(await world.push(service, { ...lock, '.nvmrc': '22' }));
    await world.house.caches.settled();
    return commands[0]?.env.TOWPATH_RESTORED !== undefined;
  };
  world.executor.machine.knobs.script = ({ cwd, env }, key) => {
    commands.push({ stage: key.split(':')[1] ?? '', env });
    mkdirSync(join(cwd, 'node_modules'), { recursive: true });
    writeFileSync(join(cwd, 'node_modules/a.js'), 'a');
    return [];
  };
  expect(await restored('22.14.0')).toBe(false);
  expect(await restored('22.14.0')).toBe(true);
  expect(await restored('22.15.0')).toBe(false);
});

test('a prepare that a crash interrupts goes on with the toolchain that it had chosen', async () => {
  const service = await world.service({ install: 'install', start: 'serve' });
  for (let crash = 0; ; crash++) {
    world.toolchains.found = [onPath('20.20.2'), node('22.14.0')];
    commands = [];
    const before = world.executor.machine.knobs.script;
    world.executor.machine.knobs.script = (command, key) => {
      // From here on a newer one would be chosen.
      world.toolchains.found = [onPath('20.20.2'), node('22.14.0'), node('22.15.0')];
      return before(command, key);
    };
    const fuse = new Fuse(crash);
    await world.begin(await world.push(service, files), fuse, 'calls');
    world.executor.machine.knobs.script = before;
    expect(new Set(Object.values(paths())), `crash ${crash}`).toEqual(new Set([node('22.14.0').bin]));
    if (!fuse.burnt) break;
  }
});
