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
const away = { error: { code: 'database_away', message: 'the database has not answered yet', help: 'Wait.' } };
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

test('a change is never sent twice', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked++;
    json(response, 503, away);
  });
  const cancel = createClient({ url, token: 't' }).call('cancel', { params: { run: 1 } });
  await expect(cancel).rejects.toMatchObject({ code: 'database_away' });
  expect(asked).toBe(1);
});

test('the error is the one that the server sent', async () => {
  const url = await serve((_request, response) =>
    json(response, 404, { error: { code: 'unknown_run', message: 'there is no run #9', help: 'List them.' } }),
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
