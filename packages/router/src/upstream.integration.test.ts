import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, closedPort, type Origin, startOrigin, startRawOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, stateWhen, type TestRouter } from './testing/start.ts';
import { ask, signal, wire } from './testing/wire.ts';

let router: TestRouter;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  router = await startTestRouter({ limits: { answerTimeoutMs: 1_500, connectTimeoutMs: 500 } });
});

afterEach(async () => {
  await router.close();
  for (const close of closing.splice(0)) await close();
});

async function origin(...args: Parameters<typeof startOrigin>): Promise<Origin> {
  const started = await startOrigin(...args);
  closing.push(() => started.close());
  return started;
}

const counts = async (release: string) => (await router.client.stats()).releases[release];

describe('connections to a replica', () => {
  test('are kept and used again', async () => {
    const one = await origin((_request, response) => response.end('ok'));
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    const before = one.accepted();
    // Health checks use connections of their own: they are answered without being seen, so they are told apart by count.
    for (let i = 0; i < 20; i++) expect((await ask(router.apps, `/${i}`)).status).toBe(200);
    expect(one.seen).toHaveLength(20);
    expect(one.accepted() - before).toBeLessThan(20);
  });

  test('a request that meets the end of a kept connection is sent again when that is harmless', async () => {
    // Answers the first request of a connection, and closes it at the second one, as a replica does whose idle time is over.
    const requests: string[] = [];
    const turns = new WeakMap<Socket, number>();
    const raw = await startRawOrigin((socket, head) => {
      const turn = (turns.get(socket) ?? 0) + 1;
      turns.set(socket, turn);
      requests.push(`${turn} ${head.split(' ').slice(0, 2).join(' ')}`);
      if (turn === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.destroy();
    });
    closing.push(raw.close);
    await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
    expect((await ask(router.apps, '/a')).status).toBe(200);
    expect((await ask(router.apps, '/b')).status).toBe(200);
    expect((await ask(router.apps, '/c', { method: 'PUT' })).status).toBe(200);
    expect(requests).toEqual(['1 GET /a', '2 GET /b', '1 GET /b', '2 PUT /c', '1 PUT /c']);
    // A POST may have had its effect: it is never sent twice, not even without a body.
    const length = { 'content-length': 0 };
    expect((await ask(router.apps, '/d', { method: 'POST', headers: length })).status).toBe(502);
    expect(requests.filter((request) => request.endsWith('POST /d'))).toEqual(['2 POST /d']);
    expect(await counts('v1')).toMatchObject({ requests: 4, status2xx: 3, status5xx: 1, connectionFailures: 1 });
  });

  test('a body that has begun to flow is never sent again, whatever the method', async () => {
    const heads: string[] = [];
    let turn = 0;
    const raw = await startRawOrigin((socket, head) => {
      heads.push(head.split(' ')[0] ?? '');
      if (turn++ === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.destroy();
    });
    closing.push(raw.close);
    await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
    expect((await ask(router.apps, '/')).status).toBe(200);
    expect((await ask(router.apps, '/', { method: 'PUT', send: 'half' })).status).toBe(502);
    expect(heads).toEqual(['GET', 'PUT']);
  });

  test('are not used, nor left open, for longer than the replica says, with a margin', async () => {
    const turns = new Map<Socket, number>();
    const ended = signal();
    const raw = await startRawOrigin((socket) => {
      turns.set(socket, (turns.get(socket) ?? 0) + 1);
      socket.on('end', () => ended.resolve());
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok');
    });
    closing.push(raw.close);
    await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
    await ask(router.apps, '/');
    await ask(router.apps, '/');
    expect([...turns.values()]).toEqual([2]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await ask(router.apps, '/');
    expect([...turns.values()]).toEqual([2, 1]);
    await ended.promise;
  });

  test('are not used again while a body is still on its way', async () => {
    const requests: string[] = [];
    const turns = new WeakMap<Socket, number>();
    const raw = await startRawOrigin((socket, head) => {
      const turn = (turns.get(socket) ?? 0) + 1;
      turns.set(socket, turn);
      requests.push(`${turn} ${head.split(' ')[0]}`);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    closing.push(raw.close);
    await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
    const line = wire(router.apps);
    line.send('POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 8\r\n\r\nhalf');
    await line.until('ok');
    expect((await ask(router.apps, '/')).body).toBe('ok');
    expect(requests).toEqual(['1 POST', '1 GET']);
    line.socket.destroy();
  });

  test('no request fails while a replica closes its idle connections after 1 s and requests come at that pace', async () => {
    const one = await origin((request, response) => void bodyOf(request).then(() => response.end('ok')), {
      keepAliveTimeout: 1_000,
    });
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    const rounds = Array.from({ length: 24 }, async (_, i) => {
      for (let n = 0; n < 4; n++) {
        const status = (await ask(router.apps, '/', i % 2 === 0 ? { method: 'POST', send: 'x' } : {})).status;
        expect(status).toBe(200);
        // Around the replica's own limit, before and after it.
        await new Promise((resolve) => setTimeout(resolve, 900 + i * 10));
      }
    });
    await Promise.all(rounds);
    expect(await counts('v1')).toMatchObject({ requests: 96, status2xx: 96, connectionFailures: 0 });
  });
});

describe('a replica that refuses connections', () => {
  test('is passed over: another one answers, and it is marked at once', async () => {
    const one = await origin((request, response) => void bodyOf(request).then((body) => response.end(body)));
    const two = await origin((request, response) => void bodyOf(request).then((body) => response.end(body)));
    await serve(router.client, shop([{ release: 'v1', ports: [one.port, two.port] }]), 1);
    await one.close();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(router.apps, '/', { method: 'POST', send: `body ${i}` })),
    );
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(answers.map((_, i) => `200 body ${i}`));
    const down = await stateWhen(router.client, ({ replicas }) =>
      replicas.some(({ health }) => health === 'unhealthy'),
    );
    expect(down.replicas.find(({ health }) => health === 'unhealthy')?.error).toContain('ECONNREFUSED');
    expect(await counts('v1')).toMatchObject({ requests: 20, status2xx: 20, connectionFailures: 0 });
  });

  test('is marked by the request that met it, not only by the next health check', async () => {
    const one = await origin((_request, response) => response.end('ok'));
    await serve(router.client, shop([{ release: 'v1', ports: [one.port], intervalMs: 60_000 }]), 1);
    await one.close();
    expect((await ask(router.apps, '/')).status).toBe(503);
    await stateWhen(router.client, ({ replicas }) => replicas[0]?.health === 'unhealthy');
  });

  test('alone is still tried when it is unhealthy, and serves again as soon as it is back', async () => {
    const port = await closedPort();
    await router.client.apply(shop([{ release: 'v1', ports: [port] }]), 1);
    expect((await ask(router.apps, '/')).status).toBe(503);
    expect(await counts('v1')).toMatchObject({ requests: 1, status5xx: 1, connectionFailures: 1 });
    const back = await origin((_request, response) => response.end('back'), { port });
    expect(await ask(router.apps, '/')).toMatchObject({ status: 200, body: 'back' });
    await stateWhen(router.client, ({ replicas }) => replicas[0]?.health === 'healthy');
    await back.close();
    await stateWhen(router.client, ({ replicas }) => replicas[0]?.health === 'unhealthy');
    await origin((_request, response) => response.end('again'), { port });
    expect(await ask(router.apps, '/')).toMatchObject({ status: 200, body: 'again' });
    await stateWhen(router.client, ({ replicas }) => replicas[0]?.health === 'healthy');
  });
});

test('a route without replicas or without weight answers 503', async () => {
  await router.client.apply(shop([{ release: 'v1', ports: [] }]), 1);
  expect((await ask(router.apps, '/')).status).toBe(503);
  expect(await counts('v1')).toMatchObject({ requests: 1, status5xx: 1, connectionFailures: 0 });
  await router.client.apply(shop([{ release: 'v1', ports: [], weight: 0 }]), 2);
  expect((await ask(router.apps, '/')).status).toBe(503);
});

test('requests go round the replicas, and rather to the one with fewer in flight', async () => {
  const hold: (() => void)[] = [];
  const handler =
    (name: string): RequestListener =>
    (request, response) => {
      if (request.url === '/hold') hold.push(() => response.end(name));
      else response.end(name);
    };
  const one = await origin(handler('one'));
  const two = await origin(handler('two'));
  await serve(router.client, shop([{ release: 'v1', ports: [one.port, two.port] }]), 1);
  const names: string[] = [];
  for (let i = 0; i < 10; i++) names.push((await ask(router.apps, '/')).body);
  expect(names.filter((name) => name === 'one')).toHaveLength(5);
  const held = ask(router.apps, '/hold');
  await expect.poll(() => hold.length).toBe(1);
  const free = new Set<string>();
  for (let i = 0; i < 6; i++) free.add((await ask(router.apps, '/')).body);
  hold[0]?.();
  expect([...free]).toEqual([(await held).body === 'one' ? 'two' : 'one']);
});

describe('time limits', () => {
  test('no answer: 504; a client whose body stands still: 408; a slow upload that moves: fine', async () => {
    const one = await origin((request, response) => {
      if (request.url === '/silent') return;
      void bodyOf(request).then(
        (body) => response.end(`${body.length}`),
        () => {},
      );
    });
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    const still = wire(router.apps);
    still.send('POST /still HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 9\r\n\r\nhalf');
    const slow = wire(router.apps);
    slow.send('POST /slow HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\nContent-Length: 8\r\n\r\n');
    const drip = async (): Promise<string> => {
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        slow.send('x');
      }
      return (await slow.closed()).text;
    };
    const [silent, moved, stood] = await Promise.all([ask(router.apps, '/silent'), drip(), still.closed()]);
    expect(silent.status).toBe(504);
    expect(moved).toMatch(/^HTTP\/1\.1 200 /);
    expect(moved.endsWith('\r\n8')).toBe(true);
    expect(stood.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(await counts('v1')).toMatchObject({
      requests: 3,
      status2xx: 1,
      status4xx: 1,
      status5xx: 1,
      connectionFailures: 1,
    });
  });

  test('a service that does not read: 504, and the client’s connection goes on after its body', async () => {
    const raw = await startRawOrigin((socket) => socket.pause());
    closing.push(raw.close);
    await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
    const line = wire(router.apps);
    const bytes = 20_000_000;
    line.send(`POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`);
    expect(await line.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 504 /);
    line.send('GET / HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n');
    expect((await line.closed()).text).toContain('HTTP/1.1 404 ');
  });

  test('a stream that has begun may pause for longer', async () => {
    const one = await origin((_request, response) => {
      response.write('begun,');
      setTimeout(() => response.end('done'), 2_500);
    });
    await serve(router.client, shop([{ release: 'v1', ports: [one.port] }]), 1);
    expect(await ask(router.apps, '/')).toMatchObject({ status: 200, body: 'begun,done' });
  });
});
