import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ErrorCode, TowpathError } from '@towpath/contract';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './index.ts';

const closing: Server[] = [];
afterEach(() => {
  for (const server of closing.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(answer: Answer, port = 0): Promise<{ server: Server; port: number; url: string }> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  closing.push(server);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return { server, port: address.port, url: `http://127.0.0.1:${address.port}` };
}

const event = (id: number) => ({
  id,
  name: 'run.queued',
  actor: 'ann',
  subject: `run/${id}`,
  project: 'shop',
  data: {},
  at: '2026-01-01T00:00:00.000Z',
});
const written = (id: number) => `id: ${id}\ndata: ${JSON.stringify(event(id))}\n\n`;
const opened = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

/** Sends the events after the position that is asked for, `each` of them, and breaks off. */
const inParts =
  (last: number, each: number): Answer =>
  (request, response) => {
    const from = Number(request.headers['last-event-id'] ?? 0);
    opened(response).write(':\n\n');
    for (let id = from + 1; id <= Math.min(from + each, last); id++) response.write(written(id));
    if (from < last) setImmediate(() => response.destroy());
  };

async function take(url: string, count: number, patienceMs?: number): Promise<number[]> {
  const ids: number[] = [];
  const options = patienceMs === undefined ? {} : { patienceMs };
  for await (const message of createClient({ url, token: 't' }).follow('streamEvents', options)) {
    ids.push(message.data?.id ?? -1);
    if (ids.length === count) break;
  }
  return ids;
}

test('a stream that breaks off is taken up again where it was, and each message comes once', async () => {
  const { url } = await listen(inParts(6, 2));
  expect(await take(url, 6)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a position that came without data is where it goes on', async () => {
  const asked: (string | undefined)[] = [];
  const { url } = await listen((request, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    opened(response).write(asked.length === 1 ? 'id: 41\n\n' : written(42));
    if (asked.length === 1) setTimeout(() => response.destroy(), 50);
  });
  expect(await take(url, 1)).toEqual([42]);
  expect(asked).toEqual([undefined, '41']);
});

test('a server that is started anew is found again', async () => {
  const first = await listen(inParts(3, 3));
  const states: string[] = [];
  const ids: number[] = [];
  const client = createClient({ url: first.url, token: 't' });
  for await (const message of client.follow('streamEvents', { onState: (state) => states.push(state) })) {
    ids.push(message.data?.id ?? -1);
    if (ids.length === 3) {
      first.server.closeAllConnections();
      first.server.close();
      setTimeout(() => void listen(inParts(5, 5), first.port), 400);
    }
    if (ids.length === 5) break;
  }
  expect(ids).toEqual([1, 2, 3, 4, 5]);
  expect(states).toContain('away');
  expect(states.at(-1)).toBe('open');
});

test('the patience ends when nobody comes back', async () => {
  const { url, server } = await listen(inParts(1, 1));
  const messages = createClient({ url, token: 't', patienceMs: 300 }).follow('streamEvents')[Symbol.asyncIterator]();
  await messages.next();
  server.closeAllConnections();
  server.close();
  await expect(messages.next()).rejects.toMatchObject({ status: 503 });
});

test('what will not get better is thrown at once, as the server says it', async () => {
  let asked = 0;
  const { url } = await listen((_request, response) => {
    asked++;
    const { problem } = new TowpathError('unauthorised', 'the token is not known here');
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  await expect(take(url, 1)).rejects.toMatchObject({ code: 'unauthorised' });
  expect(asked).toBe(1);
});

test('an error in the middle is thrown, but a database that is away is waited for', async () => {
  const errors: ErrorCode[] = ['database_away', 'unknown_run'];
  const { url } = await listen((_request, response) => {
    const { problem } = new TowpathError(errors.shift() ?? 'internal', 'so it is');
    opened(response).end(`event: error\ndata: ${JSON.stringify(problem)}\n\n`);
  });
  const thrown: unknown = await take(url, 1).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TowpathError);
  expect(thrown).toMatchObject({ code: 'unknown_run' });
  expect(errors).toEqual([]);
});

test('the signal ends it with its reason, also while it waits for the server', async () => {
  const { url } = await listen((_request, response) => opened(response).write(':\n\n'));
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('enough')), 100);
  const read = async (at: string) => {
    for await (const _ of createClient({ url: at, token: 't' }).follow('streamEvents', { signal: stop.signal }));
  };
  await expect(read(url)).rejects.toThrow('enough');
  await expect(read('http://127.0.0.1:1')).rejects.toThrow('enough');
});

test('who stops reading lets the connection go', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { url } = await listen((request, response) => {
    request.on('close', resolve);
    opened(response).write(written(1));
  });
  expect(await take(url, 1)).toEqual([1]);
  await closed;
});
