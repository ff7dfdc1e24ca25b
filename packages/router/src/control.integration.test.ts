import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '@towpath/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRouter, type TestRouter } from './testing/start.ts';
import { ask, wire } from './testing/wire.ts';

let folder: string;
let router: TestRouter;
const servers: ChildProcess[] = [];

/** A server as the router sees one, in a process of its own so that it can be frozen. */
const program = `
import { createServer } from 'node:http';
const [socket, name] = process.argv.slice(2);
const server = createServer((request, response) => {
  if (request.url === '/api/health') return response.end('ok');
  if (request.url === '/slow') return setTimeout(() => response.end(name), 2500);
  let bytes = 0;
  request.on('data', (chunk) => { bytes += chunk.length; });
  request.on('end', () => response.end(name + ' ' + request.method + ' ' + request.headers.host + ' ' + bytes));
});
server.listen(socket, () => process.send('ready'));
`;

const socketOf = (name: string): string => join(folder, `${name}.sock`);

async function startServer(name: string): Promise<ChildProcess> {
  const file = join(folder, 'server.mjs');
  await writeFile(file, program);
  const child = fork(file, [socketOf(name), name], { execArgv: [] });
  servers.push(child);
  await once(child, 'message');
  return child;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tow-'));
});

afterEach(async () => {
  await router.close();
  for (const server of servers.splice(0)) {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

const get = (path = '/x') => ask(router.control, path, { headers: { host: '127.0.0.1:7000' } });

test('requests go to a server that answers, whatever the host name, with no limit on the time of an answer', async () => {
  await startServer('a');
  router = await startTestRouter({ control: [socketOf('a')], limits: { answerTimeoutMs: 500 } });
  const posted = await ask(router.control, '/git', {
    method: 'POST',
    headers: { host: 'any.where:1' },
    send: Buffer.alloc(3_000_000),
  });
  expect(posted.body).toBe('a POST any.where:1 3000000');
  expect(await get('/slow')).toMatchObject({ status: 200, body: 'a' });
  // The control plane's own servers are not among the replicas that it asks about.
  expect((await router.client.state()).replicas).toEqual([]);
  expect((await router.client.stats()).releases).toEqual({});
});

test('a dead server is passed over, and used again when it is back', async () => {
  const first = await startServer('a');
  await startServer('b');
  router = await startTestRouter({ control: [socketOf('a'), socketOf('b')] });
  first.kill('SIGKILL');
  await once(first, 'exit');
  for (let i = 0; i < 6; i++)
    expect((await ask(router.control, '/x', { method: 'POST', send: 'x', headers: { host: 'h' } })).body).toMatch(
      /^b POST/,
    );
  await rm(socketOf('a'));
  await startServer('a');
  await expect.poll(async () => (await get()).body.slice(0, 1), { timeout: 10_000 }).toBe('a');
});

test('a frozen server is passed over; reading requests that wait for it are asked of the other one', async () => {
  const first = await startServer('a');
  await startServer('b');
  router = await startTestRouter({ control: [socketOf('a'), socketOf('b')] });
  const healthy = () =>
    router.logged.filter(({ event, details }) => event === 'health_changed' && details.health === 'healthy').length;
  await expect.poll(healthy).toBe(2);
  first.kill('SIGSTOP');
  const begun = performance.now();
  const answers = await Promise.all(Array.from({ length: 8 }, () => get()));
  expect(answers.map(({ status, body }) => `${status} ${body.slice(0, 1)}`)).toEqual(answers.map(() => '200 b'));
  expect(performance.now() - begun).toBeLessThan(5_000);
  for (let i = 0; i < 6; i++)
    expect((await ask(router.control, '/x', { method: 'POST', send: 'x', headers: { host: 'h' } })).body).toMatch(/^b/);
  first.kill('SIGCONT');
  await expect.poll(async () => (await get()).body.slice(0, 1), { timeout: 10_000 }).toBe('a');
});

test('no server at all: 503 with an error that a program can read', async () => {
  router = await startTestRouter({ control: [join(folder, 'nobody.sock')] });
  const got = await get();
  expect(got.status).toBe(503);
  expect(Problem.parse(JSON.parse(got.body)).code).toBe('server_away');
});

test('a malformed host name is refused here too', async () => {
  await startServer('a');
  router = await startTestRouter({ control: [socketOf('a')] });
  const line = wire(router.control);
  line.send('GET / HTTP/1.1\r\nHost: a/b\r\n\r\n');
  expect(await line.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  line.socket.destroy();
});
