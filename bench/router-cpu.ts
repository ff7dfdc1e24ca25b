import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { routerClient } from '@towpath/router/client';
import { type Bench, type Scope, Unable } from './bench.ts';
import { freePort } from './port.ts';
import { type Load, startLoad } from './router/load.ts';
import { atMost, plain as unbarred } from './row.ts';

const rounds = 5;
const connections = 32;
/** Requests that let the compiler come to rest, and requests that are measured; each for so long at most. */
const warmUp = { requests: 20_000, ms: 3_000 };
const measured = { requests: 8_000, ms: 1_000 };

/**
 * What one request costs our router in CPU time, against a plain node:http proxy and, where it is installed, HAProxy: all before the same
 * origin, under the same load, turn by turn, so that whatever else the machine does meets all.
 */
export const routerCpu: Bench = {
  summary: 'CPU time a request costs the router',
  limitMs: 120_000,
  async run(scope) {
    if (!existsSync('/proc/self/task')) throw new Unable('needs Linux: CPU time is read from /proc');
    const folder = mkdtempSync(join(tmpdir(), 'towpath-bench-'));
    scope.defer(() => rmSync(folder, { recursive: true, force: true }));
    const { router, plain, haproxy, perSecond } = await compare(scope, folder);
    const against = `a plain node:http proxy: ${plain.toFixed(1)} µs`;
    return [
      atMost(0.75, { name: 'router-cpu', value: router / plain, unit: '× node:http proxy', against }),
      unbarred({ name: 'router-cpu-request', value: router, unit: 'µs', against }),
      unbarred({ name: 'router-throughput', value: perSecond, unit: 'requests/s' }),
      ...(haproxy === null
        ? []
        : [
            unbarred({
              ...{ name: 'router-cpu-haproxy', value: router / haproxy, unit: '× HAProxy' },
              against: `HAProxy: ${haproxy.toFixed(1)} µs`,
            }),
          ]),
    ];
  },
};

function start(scope: Scope, script: URL, ...args: readonly number[]): Promise<ChildProcess> {
  const child = fork(script, args.map(String));
  scope.defer(() => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${script.pathname} ended with ${code}`)));
  });
}

async function startRouter(scope: Scope, port: number, origin: number, folder: string): Promise<ChildProcess> {
  const socket = join(folder, 'router.sock');
  const config = { socket, stateDir: folder, listen: [{ purpose: 'apps', host: '127.0.0.1', port }] };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const main = fileURLToPath(import.meta.resolve('@towpath/router/main'));
  const child = spawn(process.execPath, [main, join(folder, 'config.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
  scope.defer(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const replicas = [{ id: 'r1', address: { host: '127.0.0.1', port: origin } }];
  const backends = [{ release: 'v1', weight: 100, replicas, health: {} }];
  const client = routerClient(socket);
  let state = await client.apply({ routes: [{ name: 'shop', hosts: ['shop.localhost'], backends }] }, 1);
  while (state.replicas[0]?.health !== 'healthy') state = await client.waitState(state.revision);
  return child;
}

/** One thread, connections kept on both sides; null where it is not installed. */
async function startHaproxy(scope: Scope, port: number, origin: number, folder: string): Promise<ChildProcess | null> {
  if (spawnSync('haproxy', ['-v']).error !== undefined) return null;
  const lines = [
    ...['global', '  nbthread 1', '  maxconn 1000'],
    ...['defaults', '  mode http', '  timeout connect 2s', '  timeout client 60s', '  timeout server 60s'],
    ...['frontend users', `  bind 127.0.0.1:${port}`, '  default_backend origin', '  option forwardfor'],
    ...['backend origin', '  http-reuse always', `  server one 127.0.0.1:${origin}`],
  ];
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  scope.defer(() => child.kill('SIGKILL'));
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`);
    await sleep(20);
  }
  return child;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
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
  /** CPU time of a request in µs; null: not installed. */
  readonly router: number;
  readonly plain: number;
  readonly haproxy: number | null;
  readonly perSecond: number;
}

/** The best round of each counts: whatever else the machine does only ever adds. */
async function compare(scope: Scope, folder: string): Promise<Outcome> {
  const [origin, plainPort, routerPort] = [await freePort(), await freePort(), await freePort()];
  const haproxyPort = await freePort();
  await start(scope, new URL('./router/origin.ts', import.meta.url), origin);
  const plain = await start(scope, new URL('./router/plain-proxy.ts', import.meta.url), plainPort, origin);
  const router = await startRouter(scope, routerPort, origin, folder);
  const haproxy = await startHaproxy(scope, haproxyPort, origin, folder);
  const none = Number.POSITIVE_INFINITY;
  const best = { router: none, plain: none, haproxy: haproxy === null ? null : none, perSecond: 0 };
  for (let round = 0; round < rounds; round++) {
    best.plain = Math.min(best.plain, (await measure(plain, plainPort, round === 0)).micros);
    const ours = await measure(router, routerPort, round === 0);
    best.router = Math.min(best.router, ours.micros);
    best.perSecond = Math.max(best.perSecond, ours.perSecond);
    if (haproxy !== null) {
      best.haproxy = Math.min(best.haproxy ?? none, (await measure(haproxy, haproxyPort, round === 0)).micros);
    }
  }
  return best;
}
