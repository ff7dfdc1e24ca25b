import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { World } from '../operations/testing/world.ts';
import { sql } from '../store/drizzle.ts';
import { ensureBootstrap } from '../store/tokens.ts';
import { gitHandler } from './git.ts';

const owner = 'owner-'.padEnd(40, 'x');
const visitor = 'visitor-'.padEnd(40, 'x');
let world: World;
let server: Server;
let address: string;
let served: string[];

beforeAll(async () => {
  world = await World.open();
  await world.service();
  const { db } = world.house;
  await ensureBootstrap(db, owner);
  const hash = createHash('sha256').update(visitor).digest('hex');
  await db.execute(sql`insert into tokens (name, hash, role) values ('visitor', decode(${hash}, 'hex'), 'visitor')`);
  const source = {
    serve: async (
      ...[_request, response, { call, actor }]: Parameters<Parameters<typeof gitHandler>[0]['source']['serve']>
    ) => {
      served.push(`${actor} ${call.service} ${call.repository}`);
      response.end('git');
    },
  };
  server = createServer(gitHandler({ house: () => world.house, source, log: () => {} }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  address = typeof bound === 'object' && bound !== null ? `http://127.0.0.1:${bound.port}` : '';
});

beforeEach(() => {
  served = [];
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

/** Every request that git makes: of a push, then of a fetch. */
const requests = [
  ['GET', 'info/refs?service=git-receive-pack'],
  ['POST', 'git-receive-pack'],
  ['GET', 'info/refs?service=git-upload-pack'],
  ['POST', 'git-upload-pack'],
] as const;

const ask = (method: string, path: string, password?: string, repository = 'shop/api') =>
  fetch(`${address}/git/${repository}.git/${path}`, {
    method,
    headers: password === undefined ? {} : { authorization: `Basic ${btoa(`towpath:${password}`)}` },
  });

test.each(requests)('%s %s asks for a token', async (method, path) => {
  for (const password of [undefined, 'no-such-token']) {
    const response = await ask(method, path, password);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="towpath"');
  }
  expect(served).toEqual([]);
});

test.each(requests)('%s %s is refused before git sees it when the role may not', async (method, path) => {
  const response = await ask(method, path, visitor);
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('visitor, whose role is visitor, may not');
  expect(served).toEqual([]);
});

test.each(requests)('%s %s is served to who may', async (method, path) => {
  expect((await ask(method, path, owner)).status).toBe(200);
  expect(served).toEqual([`owner ${path.includes('receive') ? 'git-receive-pack' : 'git-upload-pack'} shop/api`]);
});

test('a service that is not there says how to make one', async () => {
  const response = await ask('GET', 'info/refs?service=git-receive-pack', owner, 'shop/web');
  expect(response.status).toBe(404);
  expect(await response.text()).toMatch(/there is no service "shop\/web"\n.*towpath init/);
});
