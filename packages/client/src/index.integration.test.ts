import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { TowpathError } from '@towpath/contract';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
}

const health = { ok: true, name: 'server-1', version: '0.1.0', pid: 1, problems: [] };
const away = new TowpathError('database_away', 'the database has not answered yet').problem;
const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('a read is tried again while no server answers', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked++;
    if (asked < 3) json(response, 503, away);
    else json(response, 200, health);
  });
  await expect(createClient({ url, token: 't' }).call('health')).resolves.toEqual(health);
  expect(asked).toBe(3);
});

test('a change is tried again with the same key, another change has another', async () => {
  const keys: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    keys.push(request.headers['idempotency-key']?.toString());
    if (keys.length < 3) json(response, 503, away);
    else json(response, 404, new TowpathError('unknown_run', 'there is no run #1').problem);
  });
  const client = createClient({ url, token: 't' });
  await expect(client.call('cancel', { params: { run: 1 } })).rejects.toMatchObject({ code: 'unknown_run' });
  await expect(client.call('cancel', { params: { run: 1 } })).rejects.toMatchObject({ code: 'unknown_run' });
  const [first, second, third, other] = keys;
  expect(first).toMatch(/^[\x21-\x7e]{10,}$/);
  expect([second, third]).toEqual([first, first]);
  expect(other).not.toBe(first);
});

test('a log-in, which has no key, is sent once', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked++;
    json(response, 503, away);
  });
  const logIn = createClient({ url }).call('logIn', { body: { code: 'x' } });
  await expect(logIn).rejects.toMatchObject({ code: 'database_away' });
  expect(asked).toBe(1);
});

test('the error is the one that the server sent', async () => {
  const url = await serve((_request, response) =>
    json(response, 404, new TowpathError('unknown_run', 'there is no run #9', { help: 'List them.' }).problem),
  );
  const failure = await createClient({ url, token: 't' })
    .call('getRun', { params: { run: 9 } })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TowpathError);
  expect(failure).toMatchObject({ code: 'unknown_run', message: 'there is no run #9', help: 'List them.' });
});

test('parameters are encoded, the token goes into its header', async () => {
  const seen: [string | undefined, string | undefined][] = [];
  const url = await serve((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    json(response, 404, {});
  });
  const client = createClient({ url, token: 'secret' });
  await client.call('getService', { params: { service: 'shop/api' } }).catch(() => null);
  expect(seen).toEqual([['/api/services/shop%2Fapi', 'Bearer secret']]);
});

test('where nothing answers, the help says how to start it', async () => {
  const client = createClient({ url: 'http://127.0.0.1:1', token: 't', patienceMs: 0 });
  await expect(client.call('health')).rejects.toMatchObject({
    code: 'router_away',
    help: expect.stringContaining('towpath up'),
  });
});
