import type { RouterConfig, RouteTable } from '@towpath/contract/router';

/** The host name under which the control listener keeps its one route; requests come with any name. */
export const controlHost = 'control';

/** How soon a server that stopped answering is passed over: at the latest after both times together. */
const intervalMs = 250;
const timeoutMs = 500;

/** The servers as one route: they are tried like replicas, those that answer their health check first. */
export function controlTable(servers: RouterConfig['control']): RouteTable {
  const replicas = servers.map(({ socket }) => ({ id: socket, address: { socket } }));
  const health = { path: '/api/health', intervalMs, timeoutMs, failures: 1 };
  const backends = [{ release: 'server', weight: 100, replicas, hosts: [], health }];
  return { routes: [{ name: controlHost, hosts: [controlHost], backends, drainMs: 0 }] };
}
