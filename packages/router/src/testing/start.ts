import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RouterConfig, type RouterState, type RouteTableInput } from '@towpath/contract/router';
import { type RouterClient, routerClient } from '../client.ts';
import { type Router, startRouter } from '../router.ts';

export interface Logged {
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface TestRouter {
  readonly router: Router;
  readonly client: RouterClient;
  readonly folder: string;
  readonly socket: string;
  /** Port of the listener for users' requests, and of the one for the control plane. */
  readonly apps: number;
  readonly control: number;
  readonly logged: Logged[];
  /** Stops it; the folder stays when it was given. */
  close(graceMs?: number): Promise<void>;
}

export interface TestOptions {
  readonly folder?: string;
  readonly limits?: Partial<RouterConfig['limits']>;
  readonly control?: readonly string[];
}

/** A router in this process, on free ports. */
export async function startTestRouter(options: TestOptions = {}): Promise<TestRouter> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'tow-')));
  const socket = join(folder, 'r.sock');
  const config = RouterConfig.parse({
    socket,
    stateDir: join(folder, 'state'),
    listen: [
      { purpose: 'apps', host: '127.0.0.1', port: 0 },
      { purpose: 'control', host: '127.0.0.1', port: 0 },
    ],
    control: (options.control ?? []).map((path) => ({ socket: path })),
    limits: options.limits ?? {},
  });
  const logged: Logged[] = [];
  const router = await startRouter(config, (event, details = {}) => logged.push({ event, details }));
  const portOf = (purpose: string): number => {
    const listen = router.state().listens.find((entry) => entry.purpose === purpose);
    return Number(listen?.address.split(':').at(-1));
  };
  const close = async (graceMs = 0): Promise<void> => {
    await router.stop(graceMs);
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  return {
    router,
    client: routerClient(socket),
    folder,
    socket,
    apps: portOf('apps'),
    control: portOf('control'),
    logged,
    close,
  };
}

export interface BackendSketch {
  readonly release: string;
  readonly ports: readonly number[];
  readonly weight?: number;
  readonly intervalMs?: number;
}

/** One route `shop` for the host `shop.localhost`, with fast health checks. */
export function shop(backends: readonly BackendSketch[], drainMs = 30_000): RouteTableInput {
  return {
    routes: [
      {
        name: 'shop/web/production',
        hosts: ['shop.localhost'],
        drainMs,
        backends: backends.map(({ release, ports, weight = 100, intervalMs = 100 }) => ({
          release,
          weight,
          replicas: ports.map((port) => ({ id: `${release}-${port}`, address: { host: '127.0.0.1', port } })),
          health: { path: '/health', intervalMs, timeoutMs: 1_000, failures: 2 },
        })),
      },
    ],
  };
}

/** Waits until the state is as wanted; the router's long poll wakes it, no clock does. */
export async function stateWhen(client: RouterClient, wanted: (state: RouterState) => boolean): Promise<RouterState> {
  let state = await client.state();
  const deadline = Date.now() + 15_000;
  while (!wanted(state)) {
    if (Date.now() > deadline) throw new Error(`the router never got there: ${JSON.stringify(state.replicas)}`);
    state = await client.waitState(state.revision, { timeoutMs: 1_000 });
  }
  return state;
}

/** Serves a table and waits until every replica is healthy. */
export async function serve(client: RouterClient, table: RouteTableInput, generation: number): Promise<RouterState> {
  await client.apply(table, generation);
  return stateWhen(client, ({ replicas }) =>
    replicas.every(({ health, draining }) => draining || health === 'healthy'),
  );
}
