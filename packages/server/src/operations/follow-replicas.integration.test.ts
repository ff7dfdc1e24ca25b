import { afterEach, beforeEach, expect, test } from 'vitest';
import { setConfig } from './config.ts';
import { serviceLog } from './logs.ts';
import { ada, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { start: 'serve' });
  await world.ship('first');
});

afterEach(async () => {
  await world.close();
});

const replicas = () => [...world.house.platform.cluster.replicas.values()].filter((each) => each.phase === 'running');

/** Reads until the text fits. */
async function until(stream: AsyncIterator<Buffer>, so: { text: string }, fits: RegExp): Promise<void> {
  while (!fits.test(so.text)) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`the log ended after: ${so.text}`);
    so.text += value.toString('utf8');
  }
}

test('a log goes on over restarts and new releases, and ends quietly with its reader', async () => {
  const gone = new AbortController();
  const input = { service: 'api', environment: 'production', tail: 1_000, follow: true, signal: gone.signal };
  const stream = (await serviceLog(world.house, ada, input))[Symbol.asyncIterator]();
  const so = { text: '' };
  await until(stream, so, /^==> .+ <==\nbegun\n$/);
  const target = `${(await world.target('production')).row.id}`;
  const mine = replicas().find((each) => each.name.target.includes(target));
  mine?.crash();
  await until(stream, so, /begun\nbegun\n/);
  expect(so.text.match(/==>/g)).toHaveLength(1);
  const change = { service: 'api', environment: 'production', config: { COLOUR: 'red' }, secrets: {} };
  await setConfig(world.house, ada, change);
  await until(stream, so, /begun\n==> (.+) <==\nbegun\n/);
  gone.abort();
  expect((await stream.next()).done).toBe(true);
});

test('the log of an environment where nothing runs waits for its first release', async () => {
  await world.service('web', { start: 'serve' });
  const gone = new AbortController();
  const input = { service: 'web', environment: 'staging', tail: 1_000, follow: true, signal: gone.signal };
  const stream = (await serviceLog(world.house, ada, input))[Symbol.asyncIterator]();
  const so = { text: '' };
  const first = until(stream, so, /^==> .+ <==\nbegun\n$/);
  const run = await world.push('second', 'main', 'shop/web');
  await first;
  gone.abort();
  expect((await stream.next()).done).toBe(true);
  await world.until(run, 'waiting');
});
