import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Origin, startOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, stateWhen, type TestRouter } from './testing/start.ts';
import { ask, signal, wire } from './testing/wire.ts';

let router: TestRouter;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  router = await startTestRouter();
});

afterEach(async () => {
  await router.close();
  for (const close of closing.splice(0)) await close();
});

/** Answers with its name; "/hold" waits for `release`, "/stream" writes once and goes on until then. */
async function named(name: string): Promise<Origin & { release: () => void; begun: Promise<void> }> {
  const held = signal();
  const begun = signal();
  const started = await startOrigin((incoming, response) => {
    if (incoming.url === '/hold' || incoming.url === '/stream') {
      if (incoming.url === '/stream') response.write('begun,');
      begun.resolve();
      void held.promise.then(() => response.end(name));
    } else response.end(name);
  });
  closing.push(() => started.close());
  return { ...started, release: () => held.resolve(), begun: begun.promise };
}

describe('a switch', () => {
  test('under load fails no request, and no request begun after its acknowledgement gets the old release', async () => {
    const [old, fresh] = [await named('old'), await named('new')];
    const table = (live: 'old' | 'new') =>
      shop([
        { release: 'old', ports: [old.port], weight: live === 'old' ? 100 : 0 },
        { release: 'new', ports: [fresh.port], weight: live === 'new' ? 100 : 0 },
      ]);
    await serve(router.client, table('old'), 1);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    let acknowledged = 'old';
    let switching = false;
    let stopped = false;
    const wrong: string[] = [];
    let done = 0;
    const user = async (): Promise<void> => {
      while (!stopped) {
        const [before, calm] = [acknowledged, !switching];
        const { status, body } = await ask(router.apps, '/', { agent });
        done++;
        if (status !== 200) wrong.push(`status ${status}`);
        if (calm && !switching && before === acknowledged && body !== before)
          wrong.push(`${body} instead of ${before}`);
      }
    };
    const users = Array.from({ length: 16 }, user);
    for (let generation = 2; generation < 42; generation++) {
      const next = generation % 2 === 0 ? 'new' : 'old';
      switching = true;
      await router.client.apply(table(next), generation);
      acknowledged = next;
      switching = false;
      await ask(router.apps, '/');
    }
    stopped = true;
    await Promise.all(users);
    agent.destroy();
    expect(wrong).toEqual([]);
    expect(done).toBeGreaterThan(100);
    const { releases } = await router.client.stats();
    expect((releases.old?.status2xx ?? 0) + (releases.new?.status2xx ?? 0)).toBe(done + 40);
  });

  test('answers the generation that it serves; an older one, or another table of the same, is refused', async () => {
    expect((await router.client.state()).generation).toBe(-1);
    const one = await named('one');
    const table = shop([{ release: 'v1', ports: [one.port] }]);
    expect((await router.client.apply(table, 5)).generation).toBe(5);
    expect((await router.client.apply(table, 5)).generation).toBe(5);
    await expect(router.client.apply(table, 4)).rejects.toMatchObject({ code: 'stale_generation', status: 409 });
    await expect(router.client.apply({ routes: [] }, 5)).rejects.toMatchObject({ code: 'stale_generation' });
    expect((await ask(router.apps, '/')).body).toBe('one');
    expect((await router.client.apply({ routes: [] }, 6)).generation).toBe(6);
    expect((await ask(router.apps, '/')).status).toBe(404);
  });

  test('applied all at once, the highest generation stays, on disk too', async () => {
    const tables = Array.from({ length: 20 }, (_, i) => ({
      routes: [{ name: `r${i}`, hosts: [`h${i}.localhost`], backends: [] }],
    }));
    const order = [3, 19, 7, 1, 12, 5, 0, 18];
    const outcomes = await Promise.allSettled(order.map((i) => router.client.apply(tables[i] ?? { routes: [] }, i)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await router.client.state()).generation).toBe(19);
    const saved = JSON.parse(await readFile(join(router.folder, 'state', 'table.json'), 'utf8'));
    expect(saved).toMatchObject({ generation: 19, table: { routes: [{ name: 'r19' }] } });
  });

  test.each([
    [
      'a host twice',
      [
        { name: 'a', hosts: ['x.localhost'] },
        { name: 'b', hosts: ['x.localhost'] },
      ],
      /"x\.localhost" belongs to a/,
    ],
    ['a host in capitals', [{ name: 'a', hosts: ['X.localhost'] }], /routes\[0\]\.hosts\[0\]/],
    ['a host with a port', [{ name: 'a', hosts: ['x.localhost:80'] }], /without a port/],
    ['no host', [{ name: 'a', hosts: [] }], /table\.routes\[0\]\.hosts/],
  ])('to a table with %s is refused, naming the place', async (_name, routes, message) => {
    await router.client.apply({ routes: [] }, 1);
    const table = { routes: routes.map((route) => ({ ...route, backends: [] })) };
    await expect(router.client.apply(table, 2)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(message),
    });
    expect((await router.client.state()).generation).toBe(1);
  });

  test('to weights that do not add up, or a replica that is there twice, is refused', async () => {
    const half = shop([{ release: 'v1', ports: [1], weight: 50 }]);
    await expect(router.client.apply(half, 1)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/add up to 50/),
    });
    const twice = shop([{ release: 'v1', ports: [1, 1] }]);
    await expect(router.client.apply(twice, 1)).rejects.toMatchObject({
      message: expect.stringMatching(/"v1-1" is there twice/),
    });
  });

  test('that cannot be saved is not served', async () => {
    const one = await named('one');
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    // A folder in the place of the file: nobody can write there, root neither.
    await mkdir(join(router.folder, 'state', 'table.json.new'));
    await expect(router.client.apply({ routes: [] }, 2)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/could not be saved/),
    });
    expect((await router.client.state()).generation).toBe(1);
    expect((await ask(router.apps, '/')).body).toBe('one');
  });
});

describe('after a restart', () => {
  test('the last table is served before anybody is asked, with new counts', async () => {
    const one = await named('one');
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 7);
    const before = await router.client.state();
    await router.router.stop(0);
    const again = await startTestRouter({ folder: router.folder });
    closing.push(() => again.close());
    expect((await ask(again.apps, '/')).body).toBe('one');
    const after = await again.client.state();
    expect(after.generation).toBe(7);
    expect(after.instance).not.toBe(before.instance);
    expect((await again.client.stats()).releases.v1).toMatchObject({ requests: 1 });
    expect(again.logged.map(({ event }) => event)).toContain('table_restored');
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['of another form', () => '{"generation":1,"table":{}}'],
    ['with a fault', (text: string) => text.replace('shop.localhost', 'SHOP.localhost')],
    ['empty', () => ''],
  ])('a saved table that is %s is put aside, told of, and not fatal', async (_name, spoil) => {
    await router.client.apply(shop([{ release: 'v1', ports: [1] }]), 7);
    await router.router.stop(0);
    const file = join(router.folder, 'state', 'table.json');
    const spoilt = spoil(await readFile(file, 'utf8'));
    await writeFile(file, spoilt);
    const again = await startTestRouter({ folder: router.folder });
    closing.push(() => again.close());
    expect((await again.client.state()).generation).toBe(-1);
    expect(await readFile(`${file}.broken`, 'utf8')).toBe(spoilt);
    expect(again.logged.find(({ event }) => event === 'table_broken')?.details.error).toBeTypeOf('string');
    expect((await again.client.apply({ routes: [] }, 8)).generation).toBe(8);
  });

  test('counts are on disk within seconds, those of the last instance stay until there are new ones', async () => {
    const one = await named('one');
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    await ask(router.apps, '/');
    const file = join(router.folder, 'state', 'stats.json');
    const saved = async () => JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
    await expect.poll(async () => (await saved()).releases?.v1?.requests, { timeout: 10_000 }).toBe(1);
    expect((await saved()).instance).toBe((await router.client.state()).instance);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('a replica that leaves', () => {
  test('finishes its stream, gets nothing new, and is listed until then', async () => {
    const [old, fresh] = [await named('old'), await named('new')];
    await serve(router.client, shop([{ release: 'old', ports: [old.port] }]), 1);
    const stream = ask(router.apps, '/stream');
    await old.begun;
    await ask(router.apps, '/');
    const seen = old.seen.length;
    const state = await serve(router.client, shop([{ release: 'new', ports: [fresh.port] }]), 2);
    expect(state.replicas.find(({ release }) => release === 'old')).toMatchObject({ draining: true, inFlight: 1 });
    for (let i = 0; i < 5; i++) expect((await ask(router.apps, '/')).body).toBe('new');
    expect(old.seen).toHaveLength(seen);
    // Only the stream's own connection is left: idle ones were closed at once.
    await expect
      .poll(() => new Promise((resolve) => old.server.getConnections((_error, count) => resolve(count))))
      .toBe(1);
    const waiting = stateWhen(router.client, ({ replicas }) => replicas.length === 1);
    old.release();
    expect((await stream).body).toBe('begun,old');
    expect((await waiting).replicas.map(({ release }) => release)).toEqual(['new']);
    expect((await router.client.stats()).releases.old).toMatchObject({ cut: 0, connectionFailures: 0 });
  });

  test('without weight, but still in the table: the state tells when its last request is done', async () => {
    const [old, fresh] = [await named('old'), await named('new')];
    await serve(router.client, shop([{ release: 'old', ports: [old.port] }]), 1);
    const held = ask(router.apps, '/hold');
    await old.begun;
    const table = shop([
      { release: 'old', ports: [old.port], weight: 0 },
      { release: 'new', ports: [fresh.port] },
    ]);
    await serve(router.client, table, 2);
    const ofOld = (state: { replicas: readonly { release: string; inFlight: number; draining: boolean }[] }) =>
      state.replicas.find(({ release }) => release === 'old');
    expect(ofOld(await router.client.state())).toMatchObject({ inFlight: 1, draining: false });
    // The wait itself must end with the request, long before its own time is over.
    const begun = performance.now();
    const waiting = router.client.waitState((await router.client.state()).revision, { timeoutMs: 30_000 });
    old.release();
    await held;
    expect(ofOld(await waiting)).toMatchObject({ inFlight: 0 });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test('is cut when its time is over, which the client sees and the counts tell', async () => {
    const [old, fresh] = [await named('old'), await named('new')];
    await serve(router.client, shop([{ release: 'old', ports: [old.port] }], 300), 1);
    const stream = ask(router.apps, '/stream');
    const held = ask(router.apps, '/hold');
    await expect.poll(() => old.seen.length).toBe(2);
    const broken = expect(stream).rejects.toThrow();
    await serve(router.client, shop([{ release: 'new', ports: [fresh.port] }], 300), 2);
    await broken;
    expect((await held).status).toBe(502);
    await stateWhen(router.client, ({ replicas }) => replicas.length === 1);
    expect((await router.client.stats()).releases.old).toMatchObject({ cut: 2, connectionFailures: 0 });
  });

  test('and comes back before its last request is done is used again', async () => {
    const [old, fresh] = [await named('old'), await named('new')];
    await serve(router.client, shop([{ release: 'old', ports: [old.port] }], 400), 1);
    const held = ask(router.apps, '/hold');
    await old.begun;
    await serve(router.client, shop([{ release: 'new', ports: [fresh.port] }], 400), 2);
    const state = await serve(router.client, shop([{ release: 'old', ports: [old.port] }], 400), 3);
    expect(state.replicas).toMatchObject([{ release: 'old', draining: false, inFlight: 1 }]);
    expect((await ask(router.apps, '/')).body).toBe('old');
    // The drain time of its leave is over by now, and has no say any more.
    await new Promise((resolve) => setTimeout(resolve, 700));
    old.release();
    expect((await held).body).toBe('old');
  });
});

describe('the control socket', () => {
  test('is for its own account only, and refuses what it does not know', async () => {
    expect((await stat(router.socket)).mode & 0o777).toBe(0o600);
    const raw = (method: string, path: string, body?: string): Promise<[number, string]> =>
      new Promise((resolve, reject) => {
        const outgoing = request({ socketPath: router.socket, method, path, agent: false }, (incoming) => {
          let text = '';
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('end', () => resolve([incoming.statusCode ?? 0, text]));
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    expect((await raw('GET', '/nothing'))[0]).toBe(404);
    expect(await raw('PUT', '/table', 'not json')).toEqual([400, expect.stringContaining('"bad_request"')]);
    expect(await raw('PUT', '/table', '{"generation":"x"}')).toEqual([400, expect.stringContaining('generation: ')]);
    expect(await raw('GET', '/state?after=x')).toEqual([400, expect.stringContaining('after: ')]);
    expect(await raw('POST', '/probe', '{"to":{}}')).toEqual([400, expect.stringContaining('"bad_request"')]);
  });

  test('takes the place of one that a killed router left behind, not of one that answers', async () => {
    await expect(startTestRouter({ folder: router.folder })).rejects.toThrow(/another router answers/);
    expect((await router.client.state()).pid).toBe(process.pid);
    await router.router.stop(0);
    await writeFile(router.socket, '');
    await chmod(router.socket, 0o644);
    const again = await startTestRouter({ folder: router.folder });
    closing.push(() => again.close());
    expect((await again.client.state()).pid).toBe(process.pid);
  });

  test('a wait ends with a change, or with its time', async () => {
    const { revision } = await router.client.state();
    expect((await router.client.waitState(revision, { timeoutMs: 20 })).revision).toBe(revision);
    const waiting = router.client.waitState(revision);
    await router.client.apply({ routes: [] }, 1);
    expect((await waiting).revision).toBeGreaterThan(revision);
    // A revision of another instance: everything has changed.
    expect((await router.client.waitState(revision + 1_000)).generation).toBe(1);
    const leaving = new AbortController();
    const aborted = router.client.waitState((await router.client.state()).revision, { signal: leaving.signal });
    leaving.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
  });

  test('without a router the client says router_away', async () => {
    await router.router.stop(0);
    await expect(router.client.state()).rejects.toMatchObject({ code: 'router_away', status: 503 });
    await expect(router.client.apply({ routes: [] }, 1)).rejects.toMatchObject({ code: 'router_away' });
  });
});

test('a raw line to a stopping router gets its answer and the end of the connection', async () => {
  const one = await named('one');
  await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
  const line = wire(router.apps);
  line.send('GET /hold HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
  await one.begun;
  const stopping = router.router.stop(10_000);
  one.release();
  const { text } = await line.closed();
  expect(text).toContain('Connection: close');
  expect(text).toMatch(/one/);
  await stopping;
});
