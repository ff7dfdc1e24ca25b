import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReplicaLogs } from '../logs/replicas.ts';
import { createMask } from '../secrets/mask.ts';
import { setConfig } from './config.ts';
import { streamServiceLog } from './logs.ts';
import { ada, World } from './testing/world.ts';

let world: World;
let keepers: ReplicaLogs[];

beforeEach(async () => {
  world = await World.open();
  keepers = [];
  await world.service('api', { start: 'serve' });
  await world.ship('first');
});

afterEach(async () => {
  for (const each of keepers) await each.stop();
  await world.close();
});

/** A server of this name begins to store what replicas print, when no other one does. */
function keep(server: string): ReplicaLogs {
  const { db, changes, platform, config } = world.house;
  const troubles = (_level: string, message: string, error: unknown) => world.engine.defects.push(error ?? message);
  const given = { db, changes, platform, limits: config.logs, server, log: troubles };
  const keeper = new ReplicaLogs({ ...given, maskOf: async () => createMask([]) });
  keeper.start();
  keepers.push(keeper);
  return keeper;
}

const replicas = () => [...world.house.platform.cluster.replicas.values()].filter((each) => each.phase === 'running');

async function crashOne(environment: string): Promise<void> {
  const target = `target/${(await world.target(environment)).row.id}`;
  replicas()
    .find((each) => each.name.target === target)
    ?.crash();
}

/** A reader that can be cut off, and comes again where it was. */
class Viewer {
  text = '';
  #after: string | undefined;
  #stream: AsyncIterator<{ id: number | string; data?: { replica: string; text: string } | undefined }> | null = null;
  #gone = new AbortController();
  readonly #of: { service: string; environment: string };

  constructor(service: string, environment: string) {
    this.#of = { service, environment };
  }

  async until(fits: RegExp): Promise<void> {
    while (!fits.test(this.text)) {
      const input = { ...this.#of, tail: 1_000, after: this.#after, signal: this.#gone.signal };
      this.#stream ??= (await streamServiceLog(world.house, ada, input))[Symbol.asyncIterator]();
      const { value } = await this.#stream.next();
      this.#after = String(value.id);
      if (value.data !== undefined) this.text += value.data.text;
    }
  }

  async cut(): Promise<void> {
    this.#gone.abort(new Error('gone'));
    await expect(this.#stream?.next()).rejects.toThrow('gone');
    this.#gone = new AbortController();
    this.#stream = null;
  }
}

test('a log goes on over restarts, new releases and lost connections, and nothing comes twice', async () => {
  keep('one');
  const viewer = new Viewer('api', 'production');
  await viewer.until(/^begun\n$/);
  await crashOne('production');
  await viewer.until(/^begun\nbegun\n$/);
  await viewer.cut();
  await crashOne('production');
  await viewer.until(/^(begun\n){3}$/);
  await viewer.cut();
  const change = { service: 'api', environment: 'production', config: { COLOUR: 'red' }, secrets: {} };
  await setConfig(world.house, ada, change);
  await viewer.until(/^(begun\n){4}$/);
  await viewer.cut();
  expect(viewer.text).toBe('begun\n'.repeat(4));
});

test('when the server that stores it is gone, another one goes on where it was', async () => {
  const first = keep('one');
  keep('two');
  const viewer = new Viewer('api', 'production');
  await viewer.until(/^begun\n$/);
  await first.stop();
  await crashOne('production');
  await viewer.until(/^begun\nbegun\n$/);
  await viewer.cut();
});

test('the log of an environment where nothing runs waits for its first release', async () => {
  keep('one');
  await world.service('web', { start: 'serve' });
  const viewer = new Viewer('web', 'staging');
  const first = viewer.until(/^begun\n$/);
  const run = await world.push('second', 'main', 'shop/web');
  await first;
  await viewer.cut();
  await world.until(run, 'waiting');
});

test('a position that is none is refused', async () => {
  const { signal } = new AbortController();
  const input = { service: 'api', environment: 'production', tail: 0, after: '1.x', signal };
  await expect(streamServiceLog(world.house, ada, input)).rejects.toMatchObject({ code: 'bad_request' });
});
