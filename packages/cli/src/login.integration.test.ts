import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './system/testing/scene.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

async function towpath(home: string, words: readonly string[], input = '') {
  const env = { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' };
  const child = spawn(process.execPath, [main, ...words], { env });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: child.exitCode ?? (await once(child, 'close'))[0] };
}

/** A Towpath that knows one token. */
async function host(): Promise<string> {
  const server = createServer((request, response) => {
    const known = request.headers.authorization === 'Bearer good-token';
    response.statusCode = known ? 200 : 401;
    const error = { code: 'unauthorised', message: 'the token is not known', help: 'Ask for one.' };
    const system = { ok: true, name: 'server-1', version: '1.0.0', pid: 1, problems: [] };
    response.end(JSON.stringify(known ? { system, services: [], waiting: [], next: null } : { error }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

test('a token from standard input is checked, kept for its owner alone, used, and forgotten', async () => {
  const home = temporaryFolder();
  const url = await host();
  const done = await towpath(home, ['login', `${url}/`], 'good-token\n');
  expect(done).toMatchObject({ code: 0, stdout: `✓ logged in to server-1 (Towpath 1.0.0) at ${url}\n` });
  const file = join(home, '.config', 'towpath', 'cli.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await towpath(home, ['status'])).stdout).toContain('No service yet');
  expect((await towpath(home, ['logout'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).not.toContain('good-token');
  expect((await towpath(home, ['status'])).stderr).toContain('towpath login <url>');
});

test('what is wrong is said and nothing is kept', async () => {
  const home = temporaryFolder();
  const url = await host();
  expect((await towpath(home, ['login', url], 'bad-token')).stderr).toBe(
    'error: the token is not known\n→ Ask for one.\n',
  );
  expect((await towpath(home, ['login', url], '')).stderr).toContain('that is no token');
  expect(await towpath(home, ['login', 'nowhere'], 'x')).toMatchObject({ code: 2 });
  const foreign = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  onTestFinished(() => void foreign.close());
  const address = foreign.address();
  const other = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  expect((await towpath(home, ['login', other], 'x')).stderr).toContain('is no Towpath');
  expect((await towpath(home, ['logout'])).stderr).toContain('you are not logged in');
});
