import { createHash } from 'node:crypto';
import { api, Problem, type RouteName, type RouteSpec } from '@towpath/contract';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from './testing/server.ts';

const visitor = 'visitor-'.padEnd(40, 'x');
let server: TestServer;
let address: string;
let owner: string;

beforeAll(async () => {
  server = await TestServer.open();
  ({ address, token: owner } = server);
  const hash = createHash('sha256').update(visitor).digest('hex');
  await server.db.execute(
    sql`insert into tokens (name, hash, role) values ('visitor', decode(${hash}, 'hex'), 'visitor')`,
  );
});

afterAll(() => server.close());

const routes = Object.keys(api) as RouteName[];
const guarded = routes.filter((name) => api[name].policy !== 'public');

/** Input that the route's schema takes, so that the policy is what decides. */
const inputs: Partial<Record<RouteName, { body?: unknown; query?: string }>> = {
  createService: { body: { name: 'api' } },
  detect: { body: { names: [] } },
  addEnvironment: { body: { name: 'qa' } },
  scale: { body: { replicas: 1 } },
  runJob: { body: { process: 'report' } },
  exec: { body: { command: ['ls'] } },
  runLog: { query: '?stage=unit' },
  streamRunLog: { query: '?stage=unit' },
  searchRunLog: { query: '?stage=unit&q=x' },
};

function ask(name: RouteName, headers: Record<string, string>): Promise<Response> {
  const { body = {}, query = '' } = inputs[name] ?? {};
  const spec: RouteSpec = api[name];
  const path = spec.path.replace(/:(run|deployment|job)\b/, '1').replaceAll(/:([a-z]+)/g, 'production');
  const carries = spec.method !== 'GET' && spec.method !== 'DELETE';
  return fetch(`${address}${path}${query}`, {
    method: spec.method,
    headers: { ...headers, ...(carries ? { 'content-type': 'application/json' } : {}) },
    ...(carries ? { body: JSON.stringify(body) } : {}),
  });
}

describe('every route has a policy', () => {
  test('only health, and what begins and ends a session, asks for no token', () => {
    expect(routes.filter((name) => api[name].policy === 'public')).toEqual(['health', 'logIn', 'logOut']);
  });

  test.each(guarded)('%s answers 401 without a token, and with a wrong one', async (name) => {
    for (const headers of [{}, { authorization: 'Bearer no-such-token' }] as Record<string, string>[]) {
      const response = await ask(name, headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ status: 401, code: 'unauthorised' });
    }
  });

  test.each(guarded)('%s answers 403 to a role without grants', async (name) => {
    const response = await ask(name, { authorization: `Bearer ${visitor}` });
    expect(await response.json()).toMatchObject({ status: 403, code: 'forbidden' });
    expect(response.status).toBe(403);
  });
});

describe('bad input', () => {
  const send = (path: string, body: string) =>
    fetch(`${address}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
      body,
    });

  test.each([
    ['a body that is not JSON', '/api/services', '{', 400, 'bad_request'],
    ['a name that is no host name', '/api/services', '{"name":"Über"}', 400, 'bad_request'],
    ['a name like a test host', '/api/services', '{"name":"api-v12"}', 400, 'bad_request'],
    ['a run that is no number', '/api/runs/seven/cancel', '{}', 400, 'bad_request'],
    ['an unknown run', '/api/runs/4711/cancel', '{}', 404, 'unknown_run'],
    ['an unknown service', '/api/services/nobody/runs', '{}', 404, 'unknown_service'],
    ['an unknown route', '/api/nothing', '{}', 404, 'not_found'],
    ['a number that no run can have', '/api/runs/99999999999/cancel', '{}', 400, 'bad_request'],
    ['a name with NUL', '/api/services/a%00b/runs', '{}', 400, 'bad_request'],
    ['a value with NUL', '/api/runs/1/approve', '{"comment":"a\\u0000b"}', 400, 'bad_request'],
    ['half of a pair', '/api/runs/1/approve', '{"comment":"a\\ud800b"}', 400, 'bad_request'],
    ['a service with too many parts', '/api/services/a%2Fb%2Fc/runs', '{}', 404, 'unknown_service'],
    ['a body over the limit', '/api/services', `{"name":"${'a'.repeat(5_000_000)}"}`, 413, 'too_large'],
  ])('%s', async (_what, path, body, status, code) => {
    const response = await send(path, body);
    expect(await response.json()).toMatchObject({ status, code, help: expect.stringMatching(/\S/) });
    expect(response.status).toBe(status);
  });

  test('the error names the field', async () => {
    const response = await send('/api/services', '{"name":"api","settings":{"healthPath":"no-slash"}}');
    const { detail } = Problem.parse(await response.json());
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(detail).toContain('body.settings.healthPath');
  });
});

test('until the database has answered, everything is 503 with a reason', async () => {
  const whole = server.house;
  server.house = null;
  try {
    const response = await ask('status', { authorization: `Bearer ${owner}` });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'database_away' });
  } finally {
    server.house = whole;
  }
});

test('git is handed on before anything reads the body', async () => {
  expect(await (await fetch(`${address}/git/main/api.git/info/refs`)).text()).toBe('git');
});
