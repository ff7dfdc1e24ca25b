import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { routerClient } from './client.ts';
import { type Origin, startOrigin } from './testing/origin.ts';
import { serve, shop } from './testing/start.ts';
import { ask, signal, wire } from './testing/wire.ts';

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly pid: number;
  /** The lines of its log so far. */
  readonly lines: () => Record<string, unknown>[];
  readonly errors: () => string;
  /** Resolves with the line of this event; rejects when the process ends before. */
  event(name: string): Promise<Record<string, unknown>>;
  exit(): Promise<{ code: number | null; signal: string | null }>;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let folder: string;
let origin: Origin;
let held = signal();
const started: Started[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tow-'));
  held = signal();
  origin = await startOrigin((request, response) => {
    if (request.url === '/hold') void held.promise.then(() => response.end('held'));
    else response.end('ok');
  });
});

afterEach(async () => {
  for (const { child, exit } of started.splice(0)) {
    child.kill('SIGKILL');
    await exit();
  }
  await origin.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: { port?: number; failpoint?: string; config?: string } = {}): Promise<Started> {
  const file = join(folder, 'config.json');
  const listen = [{ purpose: 'apps', host: '127.0.0.1', port: options.port ?? 0 }];
  const config = { socket: join(folder, 'r.sock'), stateDir: join(folder, 'state'), listen };
  await writeFile(file, options.config ?? JSON.stringify(config));
  const env = { ...process.env, ...(options.failpoint === undefined ? {} : { TOWPATH_FAILPOINT: options.failpoint }) };
  const child = spawn(process.execPath, [main, file], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('close', (code, name) => resolve({ code, signal: name })),
  );
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const event = async (name: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = lines().find((each) => each.event === name);
      if (line !== undefined) return line;
      const more = await Promise.race([once(child.stdout, 'data'), ended]);
      if (!Array.isArray(more)) throw new Error(`it ended: ${text}${errors}`);
    }
  };
  const one = { child, pid: child.pid ?? 0, lines, errors: () => errors, event, exit: () => ended };
  started.push(one);
  return one;
}

const client = () => routerClient(join(folder, 'r.sock'));
const portOf = (ready: Record<string, unknown>): number => Number(/:(\d+)"/.exec(JSON.stringify(ready.listens))?.[1]);
const table = () => shop([{ release: 'v1', ports: [origin.port] }]);

describe('start', () => {
  test('says in one line when it is ready, and where', async () => {
    const { event, pid } = await start();
    const ready = await event('ready');
    expect(ready).toMatchObject({ pid, generation: -1, socket: join(folder, 'r.sock') });
    expect(portOf(ready)).toBeGreaterThan(0);
    expect(await client().state()).toMatchObject({ pid, instance: ready.instance });
  });

  test('with a port in use ends with 78 and names the address, in its log too', async () => {
    const { exit, errors, lines } = await start({ port: origin.port });
    expect((await exit()).code).toBe(78);
    expect(errors()).toContain(`127.0.0.1:${origin.port}`);
    expect(lines()).toMatchObject([
      { event: 'not_started', error: expect.stringContaining(`127.0.0.1:${origin.port}`) },
    ]);
    await expect(stat(join(folder, 'r.sock'))).rejects.toThrow();
  });

  test('with a configuration that cannot be used ends with 78 and names the place', async () => {
    const { exit, errors } = await start({ config: '{"socket":"x","stateDir":5,"listen":[]}' });
    expect((await exit()).code).toBe(78);
    expect(errors()).toContain('stateDir');
  });
});

describe('end', () => {
  test('SIGTERM: nothing new, the request in flight gets its answer, exit 0, the socket is gone', async () => {
    const { event, pid, exit } = await start();
    const port = portOf(await event('ready'));
    await serve(client(), table(), 1);
    const line = wire(port);
    line.send('GET /hold HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    await expect.poll(() => origin.seen).toContain('GET /hold');
    process.kill(pid, 'SIGTERM');
    await event('stopping');
    await expect.poll(() => ask(port, '/').catch(({ code }) => code)).toBe('ECONNREFUSED');
    held.resolve();
    expect((await line.closed()).text).toContain('held');
    expect(await exit()).toEqual({ code: 0, signal: null });
    await expect(stat(join(folder, 'r.sock'))).rejects.toThrow();
  });

  test('SIGKILL: its successor serves the same at once', async () => {
    const first = await start();
    const port = portOf(await first.event('ready'));
    await serve(client(), table(), 3);
    first.child.kill('SIGKILL');
    await first.exit();
    const second = await start({ port });
    await second.event('ready');
    expect((await ask(port, '/')).body).toBe('ok');
    expect(await client().state()).toMatchObject({ generation: 3, pid: second.pid });
  });
});

describe('killed in the middle of a switch', () => {
  test.each([
    ['router.table.received', 1],
    ['router.table.saved', 2],
    ['router.table.served', 2],
  ])('at %s it comes back with generation %i, whole', async (name, generation) => {
    const first = await start({ failpoint: `${name}:2` });
    const port = portOf(await first.event('ready'));
    await serve(client(), table(), 1);
    await expect(client().apply({ routes: [] }, 2)).rejects.toMatchObject({ code: 'router_away' });
    expect((await first.exit()).signal).toBe('SIGKILL');
    const second = await start({ port });
    await second.event('ready');
    expect((await client().state()).generation).toBe(generation);
    expect((await ask(port, '/')).status).toBe(generation === 1 ? 200 : 404);
    // Whoever does not know how it ended says it again.
    expect((await client().apply({ routes: [] }, 2)).generation).toBe(2);
    expect(JSON.parse(await readFile(join(folder, 'state', 'table.json'), 'utf8'))).toEqual({
      generation: 2,
      table: { routes: [] },
    });
  });
});
