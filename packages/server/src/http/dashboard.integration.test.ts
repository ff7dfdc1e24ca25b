import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isCode } from '@towpath/contract';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDashboard } from './dashboard.ts';

let folder: string;
let app: FastifyInstance;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-pages-'));
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.js'), 'secret');
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html>page');
  writeFileSync(join(folder, 'dist/assets/a-1.js'), 'script');
  writeFileSync(join(folder, 'dist/assets/a-1.js.gz'), gzipSync('script'));
  writeFileSync(join(folder, 'dist/notes.txt'), 'no page');
  const dashboard = openDashboard(join(folder, 'dist/index.html'));
  app = fastify();
  app.setErrorHandler((error, _request, reply) => reply.status(isCode(error, 'not_found') ? 404 : 500).send(''));
  app.setNotFoundHandler((request, reply) => dashboard(request, reply));
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });

test('the page answers in every room, is asked for again each time, and may do little', async () => {
  for (const path of ['/', '/runs/219', '/services/shop/api?x=1']) {
    const { statusCode, body, headers } = await get(path);
    expect([statusCode, body, headers['cache-control']]).toEqual([200, '<!doctype html>page', 'no-cache']);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|data:|\*/);
  }
});

test('a file with a digest in its name is kept for ever, and comes packed to who takes it so', async () => {
  const plain = await get('/assets/a-1.js');
  expect([plain.body, plain.headers['cache-control']]).toEqual(['script', 'public, max-age=31536000, immutable']);
  const packed = await get('/assets/a-1.js', { 'accept-encoding': 'gzip, deflate' });
  expect([packed.headers['content-encoding'], packed.rawPayload]).toEqual(['gzip', gzipSync('script')]);
});

test('what is unchanged is not sent again', async () => {
  const { etag } = (await get('/')).headers;
  expect((await get('/', { 'if-none-match': String(etag) })).statusCode).toBe(304);
});

test.each([
  '/assets/b.js',
  '/notes.txt',
  '/../secret.js',
  '/%2e%2e/secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/api/nothing',
  '/git/nothing',
])('%s is nothing', async (path) => expect((await get(path)).statusCode).toBe(404));

test('only reading is answered', async () => {
  expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(404);
});

test('pages that are not built yet are served once they are', async () => {
  const late = openDashboard(join(folder, 'late/index.html'));
  const other = fastify();
  other.setErrorHandler((_error, _request, reply) => reply.status(404).send(''));
  other.setNotFoundHandler((request, reply) => late(request, reply));
  expect((await other.inject('/')).statusCode).toBe(404);
  mkdirSync(join(folder, 'late'));
  writeFileSync(join(folder, 'late/index.html'), 'now');
  expect((await other.inject('/')).body).toBe('now');
  await other.close();
});
