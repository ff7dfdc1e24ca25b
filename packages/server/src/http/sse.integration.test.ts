import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { TowpathError } from '@towpath/contract';
import { afterEach, expect, test } from 'vitest';
import { type Piece, type SseOptions, sendStream } from './sse.ts';

const closing: Server[] = [];
afterEach(() => {
  for (const server of closing.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const asError = (error: unknown) => new TowpathError('internal', error instanceof Error ? error.message : 'odd');

/** Serves the messages to everybody who asks; `done` resolves when the first answer is over. */
async function serve(pieces: () => AsyncIterable<Piece>, options: Partial<SseOptions> = {}) {
  const { promise: done, resolve } = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    void sendStream(response, pieces(), { asError, ...options }).then(() => resolve(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(server);
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, done };
}

test('each message has its position; the last one says that it is', async () => {
  const { url } = await serve(async function* () {
    yield { id: 0 };
    yield { id: 1, data: { text: 'two\nlines' } };
    yield { id: 'a:2', end: { status: 'succeeded' } };
    throw new Error('nobody asks for more');
  });
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toBe(
    [
      ':\n\n',
      'id: 0\n\n',
      'id: 1\ndata: {"text":"two\\nlines"}\n\n',
      'id: a:2\nevent: end\ndata: {"status":"succeeded"}\n\n',
    ].join(''),
  );
});

test('an error on the way is the last message', async () => {
  const { url } = await serve(async function* () {
    yield { id: 1, data: 1 };
    throw new Error('it broke');
  });
  const text = await (await fetch(url)).text();
  expect(text).toContain('id: 1\ndata: 1\n\nevent: error\ndata: {"type":"/api/docs#internal');
});

test('a quiet stream is kept open by comments', async () => {
  const quiet = new AbortController();
  const { url } = await serve(
    async function* () {
      yield { id: 1 };
      await once(quiet.signal, 'abort');
    },
    { heartbeatMs: 20 },
  );
  const response = await fetch(url);
  setTimeout(() => quiet.abort(), 300);
  expect((await response.text()).split(':\n\n').length).toBeGreaterThan(4);
});

test('who stops reading costs what fits into the connection, and is let go after a time', async () => {
  let given = 0;
  let ended = false;
  const text = 'x'.repeat(50_000);
  const { port, done } = await serve(
    async function* () {
      try {
        for (;;) yield { id: ++given, data: text };
      } finally {
        ended = true;
      }
    },
    { stallMs: 500 },
  );
  const reader = createConnection(port, '127.0.0.1');
  reader.on('error', () => {});
  reader.pause();
  reader.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const response = await done;
  // Linux keeps a few megabytes of a connection that nobody reads; all beyond would be the server's own memory.
  expect(given * text.length).toBeLessThan(30_000_000);
  expect(response.destroyed).toBe(true);
  expect(ended).toBe(true);
  reader.destroy();
});

test('who reads slowly gets everything', async () => {
  const { url } = await serve(
    async function* () {
      for (let id = 1; id <= 200; id++) yield { id, data: 'x'.repeat(50_000) };
    },
    { stallMs: 5_000 },
  );
  const response = await fetch(url);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const ids = (await response.text()).matchAll(/^id: (\d+)$/gm);
  expect([...ids].map(([, id]) => Number(id))).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});

test('who leaves ends the source', async () => {
  let ended = false;
  const { url, done } = await serve(async function* () {
    try {
      for (let id = 1; ; id++) {
        yield { id, data: id };
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      ended = true;
    }
  });
  const response = await fetch(url);
  await response.body?.cancel();
  await done;
  expect(ended).toBe(true);
});
