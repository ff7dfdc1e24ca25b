import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedPort, type Origin, startOrigin, startRawOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, type TestRouter } from './testing/start.ts';
import { ask, signal } from './testing/wire.ts';

let router: TestRouter;
let live: Origin;
let next: Origin;
let open: Set<number>;

beforeEach(async () => {
  router = await startTestRouter();
  open = new Set();
  const watched = async (name: string): Promise<Origin> => {
    const origin = await startOrigin((request, response) => {
      if (request.url === '/silent') return;
      if (request.url === '/broken') response.statusCode = 500;
      if (request.url === '/missing') response.statusCode = 404;
      response.end(`${name} ${request.headers.host}`);
    });
    origin.server.on('connection', (socket) => {
      const { port } = socket.address() as AddressInfo;
      const remote = socket.remotePort ?? 0;
      if (port === origin.port) open.add(remote);
      socket.on('close', () => open.delete(remote));
    });
    return origin;
  };
  live = await watched('live');
  next = await watched('next');
  const table = shop([
    { release: 'v1', ports: [live.port] },
    { release: 'v2', ports: [next.port], weight: 0 },
  ]);
  await serve(router.client, table, 1);
});

afterEach(async () => {
  await router.close();
  await live.close();
  await next.close();
});

describe('through the routes', () => {
  const probe = (release?: string, path = '/', host = 'shop.localhost') =>
    router.client.probe({ to: { host, ...(release === undefined ? {} : { release }) }, path, timeoutMs: 500 });

  test('it goes where a user goes, and says whom it met, on a connection that stays open', async () => {
    const answer = await probe();
    expect(answer).toMatchObject({
      ok: true,
      status: 200,
      error: null,
      release: 'v1',
      replica: `v1-${live.port}`,
      port: live.port,
    });
    await ask(router.apps, '/');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(open.has(answer.localPort ?? 0)).toBe(true);
  });

  test('its connection stays open even where it is not used again for so long', async () => {
    const ended = signal<number>();
    const raw = await startRawOrigin((socket) => {
      const begun = performance.now();
      socket.on('end', () => ended.resolve(performance.now() - begun));
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok');
    });
    await serve(router.client, shop([{ release: 'v3', ports: [raw.port] }]), 2);
    expect(await probe()).toMatchObject({ ok: true, localPort: expect.any(Number) });
    expect(await ended.promise).toBeGreaterThan(3_000);
    await raw.close();
  });

  test('it reaches a release without weight by its name; users do not', async () => {
    expect(await probe('v2')).toMatchObject({ ok: true, release: 'v2', port: next.port });
    for (let i = 0; i < 5; i++) expect((await ask(router.apps, '/')).body).toContain('live');
    const { releases } = await router.client.stats();
    expect(releases).toMatchObject({ v1: { requests: 5 } });
    expect(releases.v2).toBeUndefined();
  });

  test('it says what is wrong', async () => {
    expect(await probe('v9')).toMatchObject({ ok: false, status: null, error: expect.stringContaining('v9') });
    expect(await probe(undefined, '/', 'nobody.localhost')).toMatchObject({
      ok: false,
      error: expect.stringContaining('nobody.localhost'),
    });
    expect(await probe('v1', '/broken')).toMatchObject({ ok: false, status: 500 });
    expect(await probe('v1', '/missing')).toMatchObject({ ok: false, status: 404 });
    expect(await probe('v1', '/silent')).toMatchObject({
      ok: false,
      status: null,
      error: 'no answer within 500 ms',
      release: 'v1',
    });
    await next.close();
    expect(await probe('v2')).toMatchObject({
      ok: false,
      error: expect.stringContaining('ECONNREFUSED'),
      release: 'v2',
    });
    await expect
      .poll(async () => (await router.client.state()).replicas.map(({ inFlight }) => inFlight))
      .toEqual([0, 0]);
  });
});

describe('to an address', () => {
  const probe = (port: number, path = '/') =>
    router.client.probe({ to: { address: { host: '127.0.0.1', port } }, path, timeoutMs: 500 });

  test('the connection stays open for at least 3 s, and not for ever', async () => {
    const answer = await probe(next.port);
    expect(answer).toMatchObject({ ok: true, status: 200, port: next.port, replica: null, release: null });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(open.has(answer.localPort ?? 0)).toBe(true);
    await expect.poll(() => open.has(answer.localPort ?? 0), { timeout: 10_000 }).toBe(false);
  });

  test('it says what is wrong', async () => {
    expect(await probe(await closedPort())).toMatchObject({
      ok: false,
      error: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await probe(next.port, '/silent')).toMatchObject({ ok: false, error: 'no answer within 500 ms' });
    const raw = await startRawOrigin((socket) => socket.end('nonsense\r\n\r\n'));
    expect(await probe(raw.port)).toMatchObject({
      ok: false,
      status: null,
      error: expect.stringContaining('status line'),
    });
    await raw.close();
  });
});
