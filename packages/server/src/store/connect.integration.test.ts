import net from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAway } from './away.ts';
import { type Connection, connect, transaction } from './connect.ts';
import { projects } from './schema.ts';
import { testDatabase } from './testing/database.ts';

let url: string;
let connection: Connection;

beforeAll(async () => {
  url = await testDatabase();
  connection = connect(url, { name: 'connect test', max: 2, statementMs: 1_000 });
});
afterAll(() => connection.close());

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const names = async () => (await connection.db.select().from(projects)).map((project) => project.name);
const cut = (tx: typeof connection.db) => tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`);

test('a transaction commits its result, and rolls back what threw', async () => {
  const result = await transaction(connection.db, async (tx) => {
    await tx.insert(projects).values({ name: 'kept' });
    return 7;
  });
  expect(result).toBe(7);
  const failing = transaction(connection.db, async (tx) => {
    await tx.insert(projects).values({ name: 'lost' });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await names()).toEqual(['kept']);
});

test('a transaction inside a transaction joins it', async () => {
  const failing = transaction(connection.db, async (outer) => {
    await transaction(outer, (inner) => inner.insert(projects).values({ name: 'joined' }));
    throw new Error('outer');
  });
  await expect(failing).rejects.toThrow('outer');
  expect(await names()).not.toContain('joined');
});

test('a connection cut inside a transaction is away, and the pool goes on with new ones', async () => {
  for (let time = 0; time < 4; time++) {
    expect(isAway(await errorOf(transaction(connection.db, cut)))).toBe(true);
  }
  expect(await names()).toContain('kept');
});

test('an idle connection cut by the database harms nobody', async () => {
  const other = connect(url, { name: 'other' });
  await connection.db.execute(sql`select 1`);
  await other.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'connect test'",
  );
  await other.close();
  // Until the pool has seen the cut, it may hand out the dead connection once more.
  for (;;) {
    const error = await errorOf(names());
    if (error === undefined) break;
    expect(isAway(error)).toBe(true);
  }
});

test('a query that the database refuses, or ends for its length, is not away', async () => {
  expect(isAway(await errorOf(connection.db.execute(sql`select * from nowhere`)))).toBe(false);
  expect(isAway(await errorOf(connection.db.execute(sql`select pg_sleep(10)`)))).toBe(false);
});

test('a database that froze inside a transaction is away, and that connection is used no more', async () => {
  const frozen = connect(url, { name: 'frozen', max: 1, statementMs: 200 });
  const asleep = transaction(frozen.db, async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`);
    await tx.insert(projects).values({ name: 'asleep' });
    await tx.execute(sql`select pg_sleep(30)`);
  });
  expect(isAway(await errorOf(asleep))).toBe(true);
  expect(frozen.pool.totalCount).toBe(0);
  expect((await frozen.db.select().from(projects)).map((project) => project.name)).not.toContain('asleep');
  await frozen.close();
});

test('nobody there, no socket, or a server that says nothing: away', async () => {
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const where of [
    'postgresql://towpath@127.0.0.1:1/none',
    'postgresql://towpath@localhost/none?host=%2Fnowhere',
    `postgresql://towpath@127.0.0.1:${port}/none`,
  ]) {
    const away = connect(where, { name: 'away', connectMs: 300 });
    expect(isAway(await errorOf(away.db.execute(sql`select 1`))), where).toBe(true);
    expect(isAway(await errorOf(transaction(away.db, cut))), where).toBe(true);
    await away.close();
  }
  silent.close();
});
