import { RouteTable } from '@towpath/contract/router';
import { expect, test } from 'vitest';
import { hostNames, hostProblem, type RouteBackend, routeTable, type TargetRoute } from './route.ts';

const backend = (release: number, weight: number): RouteBackend => ({
  release,
  version: release,
  weight,
  replicas: [{ id: `target/1:release/${release}:http:0`, address: { host: '127.0.0.1', port: 20_000 + release } }],
  health: { path: '/', intervalMs: 2_000, timeoutMs: 2_000, failures: 3 },
});
const route: TargetRoute = {
  name: 'shop/api/production',
  hosts: ['api.localhost'],
  testHost: 'api-v{version}.localhost',
  backends: [backend(1, 100), backend(2, 0)],
  drainMs: 10_000,
};

test('a target has its own hosts by weight, and a test host for each release', () => {
  const table = RouteTable.parse(routeTable([route]));
  expect(table.routes.map((row) => row.hosts)).toEqual([['api.localhost']]);
  expect(table.routes[0]?.backends.map((each) => [each.release, each.weight, each.hosts])).toEqual([
    ['release/1', 100, ['api-v1.localhost']],
    ['release/2', 0, ['api-v2.localhost']],
  ]);
});

test('a target without backends is not served', () => {
  expect(routeTable([{ ...route, backends: [] }]).routes).toEqual([]);
});

test('production has the plain name, others are told by theirs', () => {
  expect(hostNames('api', 'production', 'example.org')).toEqual({
    host: 'api.example.org',
    testHost: 'api-v{version}.example.org',
  });
  expect(hostNames('api', 'staging', 'localhost').host).toBe('api-staging.localhost');
});

test.each([
  ['api', 'qa', null],
  ['api', 'v2-beta', null],
  ['api', 'v12', /reads like a release's test address/],
  ['api', 'qa-v3', /reads like a release's test address/],
  ['s'.repeat(27), 'e'.repeat(27), null],
  ['s'.repeat(27), 'e'.repeat(28), /has 64 letters of 63$/],
  ['s'.repeat(40), 'production', null],
])('%s in %s', (service, environment, problem) => {
  if (problem === null) expect(hostProblem(service, environment)).toBeNull();
  else expect(hostProblem(service, environment)).toMatch(problem);
});
