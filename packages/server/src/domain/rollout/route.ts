import type { Address, HealthCheck, RouteTable, TableBackend, TableRoute } from '@towpath/contract/router';

/** One release's part of a target's route. */
export interface RouteBackend {
  readonly release: number;
  readonly version: number;
  /** Percent of new users; the weights of a route add up to 100, or are all 0 while nothing is live. */
  readonly weight: number;
  readonly replicas: readonly { readonly id: string; readonly address: Address }[];
  readonly health: HealthCheck;
}

/** What a target contributes to the route table, kept in the store. */
export interface TargetRoute {
  /** `shop/api/production` */
  readonly name: string;
  readonly hosts: readonly string[];
  /** `<service>-v{version}.<domain>`: where one release alone answers. */
  readonly testHost: string;
  readonly backends: readonly RouteBackend[];
  readonly drainMs: number;
}

/** The name by which supervisor, router and platform know a release. */
export const releaseKey = (release: number): string => `release/${release}`;

const backend = (part: RouteBackend, weight: number): TableBackend => ({
  release: releaseKey(part.release),
  weight,
  replicas: part.replicas.map((replica) => ({ id: replica.id, address: replica.address })),
  health: part.health,
});

/** The whole table: each target's own hosts by weight, and a test host for each of its releases. */
export function routeTable(routes: readonly TargetRoute[]): RouteTable {
  const rows: TableRoute[] = [];
  for (const route of routes) {
    if (route.backends.length === 0) continue;
    rows.push({
      name: route.name,
      hosts: [...route.hosts],
      backends: route.backends.map((part) => backend(part, part.weight)),
      drainMs: route.drainMs,
    });
    for (const part of route.backends) {
      rows.push({
        name: `${route.name}/v${part.version}`,
        hosts: [route.testHost.replace('{version}', String(part.version))],
        backends: [backend(part, 100)],
        drainMs: route.drainMs,
      });
    }
  }
  return { routes: rows };
}

/** The host names of a service in an environment (DESIGN §8). */
export function hostNames(service: string, environment: string, domain: string): { host: string; testHost: string } {
  const label = environment === 'production' ? service : `${service}-${environment}`;
  return { host: `${label}.${domain}`, testHost: `${label}-v{version}.${domain}` };
}
