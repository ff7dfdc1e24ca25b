/**
 * What one request costs our router in CPU time, against a plain node:http proxy: both before the same origin, under the same load, turn
 * by turn, so that whatever else the machine does meets both. Linux only (/proc). `--json` prints the rows as JSON.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { routerClient } from '@towpath/router/client';
import { startLoad } from './router/load.ts';

const rounds = 3;
const warmUpMs = 800;
const measureMs = 2_000;
const connections = 32;
const bar = 0.75;
const tickMicros = 10_000;

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

/** CPU time of a process so far, user and system, in microseconds. */
function cpuMicros(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMicros;
}

async function measure(child: ChildProcess, port: number): Promise<{ micros: number; perSecond: number }> {
  const load = startLoad(port, connections);
  await sleep(warmUpMs);
  const [cpu, before, begun] = [cpuMicros(child), load.done(), performance.now()];
  await sleep(measureMs);
  const [spent, after, ms] = [cpuMicros(child) - cpu, load.done(), performance.now() - begun];
  load.stop();
  if (after.failed > 0) throw new Error(`${after.failed} requests failed on port ${port}`);
  const done = after.ok - before.ok;
  return { micros: spent / done, perSecond: (done * 1000) / ms };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function run(folder: string): Promise<{ router: number; plain: number; perSecond: number }> {
  const [origin, plainPort, routerPort] = [await freePort(), await freePort(), await freePort()];
  await start(new URL('./router/origin.ts', import.meta.url), origin);
  const plain = await start(new URL('./router/plain-proxy.ts', import.meta.url), plainPort, origin);
  const router = await startRouter(routerPort, origin, folder);
  const [plainRounds, routerRounds] = [[], []] as [number[], number[]];
  let perSecond = 0;
  for (let round = 0; round < rounds; round++) {
    plainRounds.push((await measure(plain, plainPort)).micros);
    const ours = await measure(router, routerPort);
    routerRounds.push(ours.micros);
    perSecond = Math.max(perSecond, ours.perSecond);
  }
  return { router: median(routerRounds), plain: median(plainRounds), perSecond };
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
