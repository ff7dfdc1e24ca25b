import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { api, type RouteName, type RouteSpec } from '@towpath/contract';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openParts } from '../artifacts/parts.ts';
import { ServerConfig } from '../config.ts';
import { FakeExecutor } from '../executors/fake/executor.ts';
import { FakeToolchains } from '../executors/fake/toolchains.ts';
import { Logs } from '../logs/logs.ts';
import type { House } from '../operations/house.ts';
import { FakePlatform } from '../platforms/fake/platform.ts';
import { createSealer } from '../secrets/seal.ts';
import { FakeSource } from '../sources/fake/source.ts';
import { type Changes, openChanges } from '../store/changes.ts';
import { type Connection, connect } from '../store/connect.ts';
import { openEventTail } from '../store/event-tail.ts';
import { testDatabase } from '../store/testing/database.ts';
import { ensureBootstrap } from '../store/tokens.ts';
import { FakeTraffic } from '../traffic/fake/traffic.ts';
import { createHttp } from './server.ts';

const owner = 'owner-'.padEnd(40, 'x');
const visitor = 'visitor-'.padEnd(40, 'x');
let connection: Connection;
let changes: Changes;
let server: Server;
let house: House | null;
let address: string;

beforeAll(async () => {
  const url = await testDatabase();
  connection = connect(url, { name: 'test' });
  changes = openChanges(url, { name: 'test changes' });
  await ensureBootstrap(connection.db, owner);
  const hash = createHash('sha256').update(visitor).digest('hex');
  await connection.db.execute(
    sql`insert into tokens (name, hash, role) values ('visitor', decode(${hash}, 'hex'), 'visitor')`,
  );
  house = {
    db: connection.db,
    changes,
    events: openEventTail(connection.db, changes),
    logs: new Logs({ db: connection.db, changes, limits: { mostBytes: 1_000_000, tailBytes: 1_000 } }),
    config: ServerConfig.parse({
      dataDir: '/nowhere',
      socket: '/nowhere/server.sock',
      databaseUrl: url,
      keyFile: '/nowhere/key',
      bootstrapTokenFile: '/nowhere/token',
      appsUrl: 'http://127.0.0.1:8080',
      controlUrl: 'http://127.0.0.1:7070',
      router: { socket: '/nowhere/router.sock' },
      supervisor: { socket: '/nowhere/supervisor.sock', config: '/nowhere/supervisor.json' },
    }),
    source: new FakeSource(),
    platform: new FakePlatform(),
    executor: new FakeExecutor(),
    toolchains: new FakeToolchains(),
    router: new FakeTraffic(),
    secrets: createSealer(randomBytes(32)),
    parts: openParts('/nowhere/parts'),
    problems: () => [],
  };
  server = await createHttp({ house: () => house, git: (_request, response) => response.end('git'), log: () => {} });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  address = typeof bound === 'object' && bound !== null ? `http://127.0.0.1:${bound.port}` : '';
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await changes.close();
  await connection.close();
});

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
  test('health is the only one that asks for no token', () => {
    expect(routes.filter((name) => api[name].policy === 'public')).toEqual(['health']);
  });

  test.each(guarded)('%s answers 401 without a token, and with a wrong one', async (name) => {
    for (const headers of [{}, { authorization: 'Bearer no-such-token' }] as Record<string, string>[]) {
      const response = await ask(name, headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'unauthorised' } });
    }
  });

  test.each(guarded)('%s answers 403 to a role without grants', async (name) => {
    const response = await ask(name, { authorization: `Bearer ${visitor}` });
    expect(await response.json()).toMatchObject({ error: { code: 'forbidden' } });
    expect(response.status).toBe(403);
  });
});

describe('bad input', () => {
  const authorization = `Bearer ${owner}`;
  const send = (path: string, body: string) =>
    fetch(`${address}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
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
    expect(await response.json()).toMatchObject({ error: { code, help: expect.stringMatching(/\S/) } });
    expect(response.status).toBe(status);
  });

  test('the error names the field', async () => {
    const response = await send('/api/services', '{"name":"api","settings":{"healthPath":"no-slash"}}');
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toContain('body.settings.healthPath');
  });
});

test('until the database has answered, everything is 503 with a reason', async () => {
  const whole = house;
  house = null;
  try {
    const response = await ask('status', { authorization: `Bearer ${owner}` });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'database_away' } });
  } finally {
    house = whole;
  }
});

test('git is handed on before anything reads the body', async () => {
  expect(await (await fetch(`${address}/git/main/api.git/info/refs`)).text()).toBe('git');
});
