import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SourceFile } from '../sources/conformance-scene.ts';
import { runById, stagesOf } from '../store/runs.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;
/** What was run, as `<stage> in <folder>`. */
let ran: string[];

beforeAll(async () => {
  world = await RunWorld.open();
});
beforeEach(() => {
  ran = [];
  world.executor.machine.knobs.script = ({ cwd }, key) => {
    ran.push(`${key.split(':')[1]} in ${cwd}`);
    return [];
  };
});
afterAll(() => world.close());

/** A push of these files, and how its run ends. */
async function pushed(settings: object, files: Record<string, SourceFile>) {
  const run = await world.push(await world.service(settings), files);
  await world.begin(run);
  const { status, reason } = await runById(world.house.db, run.id);
  const stages = (await stagesOf(world.house.db, run.id)).map((each) => `${each.plan.kind} ${each.status}`);
  return { status, reason, stages };
}

const away = /^prepare: "app" leads out of the repository, by a link\. Make it a folder of the repository/;

test.each([
  ['to a folder of the machine', { app: { link: '/tmp' } }, 'app'],
  ['to the workspaces of other runs', { app: { link: '../..' } }, 'app'],
  ['over another link', { app: { link: 'further' }, further: { link: '/' } }, 'app'],
])('a service folder that is a link %s: nothing is run there', async (_where, files, folder) => {
  const settings = { folder, install: 'install', test: 'check', start: 'serve' };
  expect(await pushed(settings, files)).toMatchObject({ status: 'failed', reason: expect.stringMatching(away) });
  expect(ran).toEqual([]);
});

test('a service folder that is a link to another one of the repository is that one', async () => {
  const settings = { folder: 'app', test: 'check', start: 'serve' };
  const seen = await pushed(settings, { app: { link: 'real' }, 'real/x': '' });
  expect(seen.status).toBe('waiting');
});

test.each([
  ['.', { public: { link: '/etc' } }],
  ['site', { 'site/public': { link: '../../../..' } }],
])('a static folder below %s that is a link out of the repository is not served', async (folder, files) => {
  const seen = await pushed({ folder, static: 'public' }, files);
  const reason = expect.stringMatching(/^build: "(site\/)?public" leads out of the repository, by a link\. /);
  expect(seen).toMatchObject({ status: 'failed', reason });
  expect(seen.stages).toContain('deploy skipped');
});

test('a static folder that the build links to what it made is served', async () => {
  const seen = await pushed({ static: 'public' }, { public: { link: 'dist' }, 'dist/index.html': '' });
  expect(seen.status).toBe('waiting');
});

test.each([
  ['a file of the machine', '/etc/passwd'],
  ['a device without an end', '/dev/zero'],
  ['itself', 'package.json'],
])('a package.json and a towpath.yaml that are links to %s are not read', async (_what, target) => {
  const link = { link: target };
  const seen = await pushed({ start: 'serve' }, { 'package.json': link, 'towpath.yaml': link });
  expect(seen).toMatchObject({ status: 'waiting' });
});

test.each(['package.json', 'towpath.yaml'])('a %s that nobody wrote is not read into memory', async (name) => {
  const seen = await pushed({ start: 'serve' }, { [name]: ' '.repeat(1_048_577) });
  const reason = `prepare: ${name} is larger than 1048576 bytes. Nobody writes so much by hand: keep what is generated in a file of its own.`;
  expect(seen).toMatchObject({ status: 'failed', reason });
  expect(ran).toEqual([]);
});
