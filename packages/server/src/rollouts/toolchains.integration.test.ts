import { afterEach, beforeEach, expect, test } from 'vitest';
import { type More, RolloutWorld } from './testing/world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.open();
});
afterEach(async () => {
  await world.close();
});

const bin = '/home/ada/.nvm/versions/node/v22.14.0/bin';
const program = `${bin}/node`;
const pinned: More = { toolchains: [{ name: 'node', version: '22.14.0', place: '~/.nvm', bin, program }] };

const ship = (digest: string, more: More, cause: 'run' | 'rollback' = 'run') =>
  world.queue(digest, cause, 1_000, 1_000, more).then(async (queued) => world.run(await world.begin(queued)));

test('what a release was made with goes before the PATH of its processes and its commands', async () => {
  expect((await ship('one', { ...pinned, release: 'migrate' })).row.status).toBe('succeeded');
  const [replica] = [...world.cluster.replicas.values()];
  expect(replica?.process.env.PATH).toBe(bin);
  const [command] = [...world.machine.commands.values()];
  expect(command?.command.env.PATH).toBe(bin);
});

const gone =
  /^v\d runs with node 22\.14\.0, and \/home\/.*\/node is gone\. Install node 22\.14\.0 again where it was \(~\/\.nvm\), or /;

test.each([
  ['comes back', {}],
  ['would stop the old one first', { data: 'storage' }],
])('without it a release that %s is refused before anything is touched', async (_, more: More) => {
  await ship('one', {});
  world.toolchains.gone.add(program);
  const before = [...world.cluster.replicas.values()];
  const { row } = await ship('two', { ...pinned, ...more, release: 'migrate' }, 'rollback');
  expect(row).toMatchObject({ status: 'failed', maxWeight: 0 });
  expect(row.reason).toMatch(gone);
  expect(world.machine.commands.size).toBe(0);
  expect(await world.state()).toEqual({ live: 'release/1', routed: ['release/1 100'], running: ['release/1'] });
  const after = [...world.cluster.replicas.values()];
  expect([after.length, after[0] === before[0]]).toEqual([1, true]);
  expect(world.broken).toEqual([]);
});

test('the one that serves goes on, gives way to the next, and can be taken away', async () => {
  await ship('one', pinned);
  world.toolchains.gone.add(program);
  expect((await ship('two', {})).row.status).toBe('succeeded');
  world.toolchains.gone.clear();
  await ship('three', pinned);
  world.toolchains.gone.add(program);
  expect((await world.run(await world.teardown())).row.status).toBe('succeeded');
  expect((await world.state()).running).toEqual([]);
});
