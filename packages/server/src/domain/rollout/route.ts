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
/** Of any name; null: it is not that of a release. */
export function releaseIdOf(key: string): number | null {
  const id = releaseId(key);
  return Number.isInteger(id) && id > 0 && id < 2 ** 31 && releaseKey(id) === key ? id : null;
}

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

/** What DNS allows between two dots, in letters. */
const longestLabel = 63;
/** `-v` and as many digits as a service ever gets releases. */
const testSuffix = '-v000000'.length;
/** Would be taken for the test host of a release. */
const likeTestHost = /(^|-)v\d+$/;

/** Why a service cannot have a host name in an environment, in plain words; null when it can. */
export function hostProblem(service: string, environment: string): string | null {
  if (likeTestHost.test(environment)) return `"${environment}" reads like a release's test address (-v12)`;
  const { host } = hostNames(service, environment, '');
  const letters = host.length - 1 + testSuffix;
  if (letters <= longestLabel) return null;
  return `"${host.slice(0, -1)}" is too long for a host name: with a release's number it has ${letters} letters of ${longestLabel}`;
}
