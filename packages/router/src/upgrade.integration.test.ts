import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Origin, startOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, stateWhen, type TestRouter } from './testing/start.ts';
import { signal, wire } from './testing/wire.ts';

let router: TestRouter;
let origin: Origin;
let onUpgrade: (socket: Socket, early: Buffer, accept: () => void) => void;

beforeEach(async () => {
  router = await startTestRouter();
  origin = await startOrigin((request, response) => response.end(`plain ${request.headers.upgrade ?? 'request'}`));
  origin.server.on('upgrade', (request, socket: Socket, early) => {
    socket.on('error', () => {});
    if (request.url === '/refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      return;
    }
    const key = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    );
    const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`;
    onUpgrade(socket, early, () => socket.write(answer));
  });
  await serve(router.client, shop([{ release: 'v1', ports: [origin.port] }], 300), 1);
});

afterEach(async () => {
  await router.close();
  await origin.close();
});

const hello = (path: string, protocol = 'websocket', more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop.localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;

const inFlight = async () => (await router.client.state()).replicas[0]?.inFlight;

describe('a tunnel', () => {
  test('carries both directions, with what was sent before the switch', async () => {
    onUpgrade = (socket, early, accept) => {
      accept();
      socket.write('first,');
      socket.write(early);
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('end', () => socket.end());
    };
    const line = wire(router.apps);
    line.send(`${hello('/ws')}early,`);
    const text = await line.until('early,');
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(text).toContain('first,');
    line.send('late');
    await line.until('late');
    expect(await inFlight()).toBe(1);
    line.socket.end();
    await line.closed();
    await expect.poll(inFlight).toBe(0);
    expect((await router.client.stats()).releases.v1).toMatchObject({
      requests: 1,
      streams: 1,
      status5xx: 0,
      connectionFailures: 0,
      latencies: [],
    });
  });

  test('one side may end while the other goes on', async () => {
    onUpgrade = (socket, _early, accept) => {
      accept();
      let got = '';
      socket.on('data', (chunk) => {
        got += String(chunk);
      });
      socket.on('end', () => socket.end(`you said ${got}`));
    };
    const line = wire(router.apps, true);
    line.send(hello('/ws'));
    await line.until('\r\n\r\n');
    line.socket.end('everything');
    expect((await line.closed()).text).toMatch(/you said everything$/);
    await expect.poll(inFlight).toBe(0);
  });

  test('big both ways arrives whole', async () => {
    const big = Buffer.alloc(8 * 1024 * 1024, 'z');
    onUpgrade = (socket, _early, accept) => {
      accept();
      socket.pipe(socket);
    };
    const line = wire(router.apps, true);
    line.send(hello('/ws'));
    const head = await line.until('\r\n\r\n');
    line.socket.end(big);
    expect((await line.closed()).text.length - head.length).toBe(big.length);
  });

  test('what is on its way to a slow reader arrives after the other side has closed', async () => {
    const big = Buffer.alloc(300_000, 'z');
    onUpgrade = (socket, _early, accept) => {
      accept();
      socket.resume();
      socket.end(big);
    };
    const line = wire(router.apps);
    line.send(hello('/ws'));
    await line.until('\r\n\r\n');
    line.socket.pause();
    line.socket.end();
    // Everything is in buffers between us and the router by then, and nothing of it may be lost.
    await expect.poll(inFlight).toBe(0);
    line.socket.resume();
    const { text, broken } = await line.closed();
    expect(broken).toBe(false);
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(big.length);
  });

  test.each(['client', 'replica'])('broken off by the %s breaks off at the other side', async (who) => {
    const there = signal<Socket>();
    const gone = signal();
    onUpgrade = (socket, _early, accept) => {
      accept();
      socket.resume();
      socket.on('close', () => gone.resolve());
      there.resolve(socket);
    };
    const line = wire(router.apps);
    line.send(hello('/ws'));
    await line.until('\r\n\r\n');
    const socket = await there.promise;
    if (who === 'client') line.socket.resetAndDestroy();
    else socket.resetAndDestroy();
    await Promise.all([gone.promise, line.closed()]);
    await expect.poll(inFlight).toBe(0);
  });

  test('of a replica that left goes on until its time is over', async () => {
    onUpgrade = (socket, _early, accept) => {
      accept();
      socket.on('data', (chunk) => socket.write(chunk));
    };
    const line = wire(router.apps);
    line.send(hello('/ws'));
    await line.until('\r\n\r\n');
    await router.client.apply({ routes: [] }, 2);
    line.send('still here');
    await line.until('still here');
    await line.closed();
    await stateWhen(router.client, ({ replicas }) => replicas.length === 0);
    expect((await router.client.stats()).releases.v1).toMatchObject({ cut: 1 });
  });
});

describe('no tunnel', () => {
  test('when the service refuses: its answer is passed on, and the connection ends', async () => {
    const line = wire(router.apps);
    line.send(hello('/refuse'));
    const { text } = await line.closed();
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(text).toMatch(/no$/);
    await expect.poll(inFlight).toBe(0);
  });

  test('to an unknown host', async () => {
    const line = wire(router.apps);
    line.send(hello('/ws').replace('shop', 'nobody'));
    expect((await line.closed()).text).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('when the replica is not there', async () => {
    await origin.close();
    const line = wire(router.apps);
    line.send(hello('/ws'));
    expect((await line.closed()).text).toMatch(/^HTTP\/1\.1 503 /);
  });

  test.each([
    ['to HTTP/2 in clear text', hello('/', 'h2c', 'HTTP2-Settings: x\r\n')],
    ['with a body', `${hello('/', 'websocket', 'Content-Length: 4\r\n')}body`],
  ])('%s: the request is served as an ordinary one', async (_name, text) => {
    const line = wire(router.apps);
    line.send(text);
    expect(await line.until('plain')).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*plain request/);
    line.socket.destroy();
  });
});
