/**
 * What one request costs our router in CPU time, against a plain node:http proxy: both before the same origin, under the same load, turn
 * by turn, so that whatever else the machine does meets both. Linux only (/proc). `--json` prints the rows as JSON.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { routerClient } from '@towpath/router/client';
import { type Load, startLoad } from './router/load.ts';

const rounds = 5;
const connections = 32;
/** Requests that let the compiler come to rest, and requests that are measured; each for so long at most. */
const warmUp = { requests: 20_000, ms: 3_000 };
const measured = { requests: 8_000, ms: 1_000 };
const bar = 0.75;

const children: ChildProcess[] = [];

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function start(script: URL, ...args: readonly number[]): Promise<ChildProcess> {
  const child = fork(script, args.map(String));
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${script.pathname} ended with ${code}`)));
  });
}

async function startRouter(port: number, origin: number, folder: string): Promise<ChildProcess> {
  const socket = join(folder, 'router.sock');
  const config = { socket, stateDir: folder, listen: [{ purpose: 'apps', host: '127.0.0.1', port }] };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const main = fileURLToPath(import.meta.resolve('@towpath/router/main'));
  const child = spawn(process.execPath, [main, join(folder, 'config.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const replicas = [{ id: 'r1', address: { host: '127.0.0.1', port: origin } }];
  const backends = [{ release: 'v1', weight: 100, replicas, health: {} }];
  const client = routerClient(socket);
  let state = await client.apply({ routes: [{ name: 'shop', hosts: ['shop.localhost'], backends }] }, 1);
  while (state.replicas[0]?.health !== 'healthy') state = await client.waitState(state.revision);
  return child;
}

/** CPU time of all threads of a process so far, in microseconds. */
function cpuMicros(child: ChildProcess): number {
  const threads = readdirSync(`/proc/${child.pid}/task`);
  const nanos = threads.map(
    (thread) => readFileSync(`/proc/${child.pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0],
  );
  return nanos.reduce((sum, each) => sum + Number(each), 0) / 1_000;
}

/** Runs the load until so many requests are done, or the time is over. */
async function pass(load: Load, { requests, ms }: typeof measured): Promise<{ done: number; ms: number }> {
  const [before, begun] = [load.done().ok, performance.now()];
  while (load.done().ok - before < requests && performance.now() - begun < ms) await sleep(10);
  return { done: load.done().ok - before, ms: performance.now() - begun };
}

async function measure(
  child: ChildProcess,
  port: number,
  first: boolean,
): Promise<{ micros: number; perSecond: number }> {
  const load = startLoad(port, connections);
  await pass(load, first ? warmUp : { requests: 1_000, ms: 300 });
  const cpu = cpuMicros(child);
  const { done, ms } = await pass(load, measured);
  const micros = (cpuMicros(child) - cpu) / done;
  load.stop();
  if (load.done().failed > 0) throw new Error(`${load.done().failed} requests failed on port ${port}`);
  return { micros, perSecond: (done * 1000) / ms };
}

interface Outcome {
  readonly router: number;
  readonly plain: number;
  readonly perSecond: number;
}

/** The best round of each counts: whatever else the machine does only ever adds. */
async function run(folder: string): Promise<Outcome> {
  const [origin, plainPort, routerPort] = [await freePort(), await freePort(), await freePort()];
  await start(new URL('./router/origin.ts', import.meta.url), origin);
  const plain = await start(new URL('./router/plain-proxy.ts', import.meta.url), plainPort, origin);
  const router = await startRouter(routerPort, origin, folder);
  let best: Outcome = { router: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY, perSecond: 0 };
  for (let round = 0; round < rounds; round++) {
    const peer = await measure(plain, plainPort, round === 0);
    const ours = await measure(router, routerPort, round === 0);
    best = {
      router: Math.min(best.router, ours.micros),
      plain: Math.min(best.plain, peer.micros),
      perSecond: Math.max(best.perSecond, ours.perSecond),
    };
  }
  return best;
}

const folder = mkdtempSync(join(tmpdir(), 'towpath-bench-'));
try {
  const { router, plain, perSecond } = await run(folder);
  const ratio = router / plain;
  const rows = [
    {
      name: 'router-cpu',
      value: round(router),
      unit: 'µs/request',
      against: round(plain),
      bar: round(bar * plain),
      ok: ratio <= bar,
    },
    { name: 'router-cpu-ratio', value: round(ratio), unit: '× node:http proxy', against: 1, bar, ok: ratio <= bar },
    { name: 'router-throughput', value: Math.round(perSecond), unit: 'requests/s', against: null, bar: null, ok: true },
  ];
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ rows })}\n`);
  else
    for (const { name, value, unit, against, bar: limit, ok } of rows) {
      process.stdout.write(
        `${name.padEnd(20)}${String(value).padStart(10)} ${unit.padEnd(20)} against ${against ?? '–'}, bar ${limit ?? '–'}  ${ok ? 'ok' : 'MISSED'}\n`,
      );
    }
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
