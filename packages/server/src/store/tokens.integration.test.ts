import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from './connect.ts';
import { tokens } from './schema.ts';
import { testDatabase } from './testing/database.ts';
import { actorOf, ensureBootstrap } from './tokens.ts';

const first = 'a'.repeat(43);
const second = 'b'.repeat(43);
let connection: Connection;

beforeAll(async () => {
  connection = connect(await testDatabase(), { name: 'tokens test' });
});
afterAll(() => connection.close());

test('the bootstrap token is the owner, until another one takes its place', async () => {
  const { db } = connection;
  expect(await actorOf(db, first)).toBeNull();
  await Promise.all([ensureBootstrap(db, first), ensureBootstrap(db, first)]);
  expect(await actorOf(db, first)).toMatchObject({ name: 'owner', role: 'owner' });
  await ensureBootstrap(db, second);
  expect(await actorOf(db, first)).toBeNull();
  expect(await actorOf(db, second)).toMatchObject({ name: 'owner', role: 'owner' });
});

test('a token is not stored, only its hash', async () => {
  await ensureBootstrap(connection.db, second);
  const rows = await connection.db.select().from(tokens);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(second);
  expect(rows[0]?.hash).toHaveLength(32);
});

test('a token that could be guessed is refused', async () => {
  await expect(ensureBootstrap(connection.db, 'changeme')).rejects.toMatchObject({ code: 'secret_refused' });
  await expect(ensureBootstrap(connection.db, '')).rejects.toMatchObject({ code: 'secret_refused' });
});
