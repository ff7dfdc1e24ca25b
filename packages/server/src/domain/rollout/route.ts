import type { Address, HealthCheck, RouteTable, TableBackend } from '@towpath/contract/router';

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
export const releaseId = (key: string): number => Number(key.slice('release/'.length));

const backend = (route: TargetRoute, part: RouteBackend): TableBackend => ({
  release: releaseKey(part.release),
  weight: part.weight,
  hosts: [route.testHost.replace('{version}', String(part.version))],
  replicas: part.replicas.map((replica) => ({ id: replica.id, address: replica.address })),
  health: part.health,
});

/** The whole table: each target's own hosts by weight, and for each of its releases the host at which it answers alone. */
export function routeTable(routes: readonly TargetRoute[]): RouteTable {
  const served = routes.filter((route) => route.backends.length > 0);
  return {
    routes: served.map((route) => ({
      name: route.name,
      hosts: [...route.hosts],
      backends: route.backends.map((part) => backend(route, part)),
      drainMs: route.drainMs,
    })),
  };
}

/** The host names of a service in an environment (DESIGN §8). */
export function hostNames(service: string, environment: string, domain: string): { host: string; testHost: string } {
  const label = environment === 'production' ? service : `${service}-${environment}`;
  return { host: `${label}.${domain}`, testHost: `${label}-v{version}.${domain}` };
}
