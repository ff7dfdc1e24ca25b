import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticSiteCommand } from '../static-site.ts';
import { siteHandler } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'tp-site-'));
const root = join(folder, 'public');
let server: Server;

function file(path: string, content: string | Buffer): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The path goes out as it is: no client may tidy it up. */
function get(path: string, options: { method?: string; headers?: Record<string, string>; port?: number } = {}) {
  const { port = portOf(server), ...rest } = options;
  return new Promise<Answer>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, ...rest }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

beforeAll(async () => {
  file('index.html', '<h1>home</h1>');
  file('about.html', 'about');
  file('404.html', 'nothing here');
  file('docs/index.html', 'docs');
  file('digits.txt', '0123456789');
  file('a b#c?.txt', 'odd');
  file('.env', 'SECRET');
  file('.git/config', 'SECRET');
  file('.well-known/security.txt', 'contact');
  writeFileSync(join(folder, 'secret.txt'), 'SECRET');
  mkdirSync(join(folder, 'public-too'));
  writeFileSync(join(folder, 'public-too', 'secret.txt'), 'SECRET');
  symlinkSync('../secret.txt', join(root, 'out.txt'));
  symlinkSync('../secret.txt', join(root, 'page.html'));
  symlinkSync('../public-too', join(root, 'neighbour'));
  symlinkSync('nowhere', join(root, 'dangling.txt'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('digits.txt', join(root, 'inside.txt'));
  server = createServer(await siteHandler(root)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe('a static site', () => {
  it.each([
    ['/', '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/index.html?x=1', '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/about', 'about', 'text/html; charset=utf-8'],
    ['/docs/', 'docs', 'text/html; charset=utf-8'],
    ['/digits.txt', '0123456789', 'text/plain; charset=utf-8'],
    ['/inside.txt', '0123456789', 'text/plain; charset=utf-8'],
    ['/a%20b%23c%3F.txt', 'odd', 'text/plain; charset=utf-8'],
    ['/.well-known/security.txt', 'contact', 'text/plain; charset=utf-8'],
  ])('serves %s', async (path, body, type) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers).toMatchObject({ 'content-type': type, 'cache-control': 'no-cache' });
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/docs/../../secret.txt',
    '/out.txt',
    '/page',
    '/page.html',
    '/neighbour/secret.txt',
    '/dangling.txt',
    '/loop',
    '/.env',
    '/.git/config',
    '/digits.txt/',
    '/digits.txt/x',
    `/${'x'.repeat(5_000)}`,
    '/neighbour',
    '/missing',
  ])('has nothing at %.40s', async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, body: 'nothing here' });
  });

  it.each(['/%', '/%00', '/%ff', '*'])('does not understand %s', async (path) => {
    expect((await get(path)).status).toBe(400);
  });

  it('leads to the slash of a folder, on this host', async () => {
    expect(await get('/docs?a=1')).toMatchObject({ status: 301, headers: { location: './docs/?a=1' } });
    expect((await get('//docs')).headers.location).toBe('./docs/');
  });

  it('answers HEAD without a body and refuses what changes something', async () => {
    expect(await get('/digits.txt', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '10' },
      body: '',
    });
    expect(await get('/digits.txt', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });

  it('says when nothing has changed', async () => {
    const { etag = '' } = (await get('/digits.txt')).headers;
    expect(await get('/digits.txt', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, body: '' });
    expect((await get('/digits.txt', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('tells files of one size and one time apart by their release', async () => {
    const etags = [];
    for (const release of ['r1', 'r2']) {
      const path = join(folder, release);
      mkdirSync(path);
      writeFileSync(join(path, 'x.txt'), release);
      utimesSync(join(path, 'x.txt'), 0, 0);
      const other = createServer(await siteHandler(path)).listen(0, '127.0.0.1');
      await once(other, 'listening');
      etags.push((await get('/x.txt', { port: portOf(other) })).headers.etag);
      other.close();
    }
    expect(new Set(etags).size).toBe(2);
  });

  it.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=-3', 206, '789'],
    ['bytes=0-0', 206, '0'],
    ['bytes=5-2', 416, 'The file has no such part.\n'],
    ['bytes=20-30', 416, 'The file has no such part.\n'],
  ])('gives the range %s', async (range, status, body) => {
    expect(await get('/digits.txt', { headers: { range } })).toMatchObject({ status, body });
  });

  it('gives the whole file when the part that is asked for is of another one', async () => {
    const headers = { range: 'bytes=2-4', 'if-range': '"of another release"' };
    expect(await get('/digits.txt', { headers })).toMatchObject({ status: 200, body: '0123456789' });
  });
});

describe('its command', () => {
  it('finishes an answer under way when it is told to stop, and ends with 0', async () => {
    const big = Buffer.alloc(32 << 20, 'x');
    file('big.bin', big);
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const port = portOf(free);
    free.close();
    await once(free, 'close');

    const [program, ...args] = staticSiteCommand(root);
    const child = spawn(program, args, { env: { PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');

    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
    const [first]: Buffer[] = await once(socket, 'data');
    socket.pause();
    child.kill('SIGTERM');
    let received = first?.length ?? 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    // Kept alive, the connection is closed as soon as the answer is through.
    await once(socket, 'close');
    expect(received).toBeGreaterThan(big.length);
    expect(await exited).toEqual([0, null]);
  });

  it('ends with an error for a folder that is not there', async () => {
    const [program, ...args] = staticSiteCommand(join(folder, 'nowhere'));
    const child = spawn(program, args, { env: { PORT: '20000' }, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
