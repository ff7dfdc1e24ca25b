import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { type Connection, connect } from './connect.ts';
import { claim, guarded } from './guard.ts';
import { environments, projects, services, targets } from './schema.ts';
import { testDatabase } from './testing/database.ts';

let url: string;
let connection: Connection;
let target: number;

beforeAll(async () => {
  url = await testDatabase();
  connection = connect(url, { name: 'guard test' });
  const { db } = connection;
  const [project] = await db.insert(projects).values({ name: 'shop' }).returning();
  const projectId = project?.id ?? 0;
  const [service] = await db.insert(services).values({ projectId, name: 'api', settings: sql`'{}'` }).returning();
  const [environment] = await db
    .insert(environments)
    .values({ projectId, name: 'staging', branch: 'main', admission: 'auto', position: 0, approvalMs: 0 })
    .returning();
  const [row] = await db
    .insert(targets)
    .values({ serviceId: service?.id ?? 0, environmentId: environment?.id ?? 0 })
    .returning();
  target = row?.id ?? 0;
});
afterAll(() => connection.close());

const replicas = async () => (await connection.db.select().from(targets))[0]?.replicas;
const write = (value: number) => (tx: typeof connection.db) => tx.update(targets).set({ replicas: value });

test('each claim has a higher epoch, and only the newest may write', async () => {
  const older = await claim(connection.db, 'target', target);
  await guarded(connection.db, older, write(2));
  const newer = await claim(connection.db, 'target', target);
  expect(newer).toEqual({ scope: `target/${target}`, epoch: older.epoch + 1 });
  await expect(guarded(connection.db, older, write(3))).rejects.toThrow(StaleClaim);
  expect(await replicas()).toBe(2);
  await guarded(connection.db, newer, write(4));
  expect(await replicas()).toBe(4);
});

test('a claim waits for a write in progress, so no write lands after a newer claim was returned', async () => {
  const older = await claim(connection.db, 'target', target);
  const inside = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const order: string[] = [];
  const writing = guarded(connection.db, older, async (tx) => {
    inside.resolve();
    await goOn.promise;
    await write(5)(tx);
    order.push('written');
  });
  await inside.promise;
  const claiming = claim(connection.db, 'target', target).then((newer) => {
    order.push('claimed');
    return newer;
  });
  await untilBlocked();
  goOn.resolve();
  await Promise.all([writing, claiming]);
  expect(order).toEqual(['written', 'claimed']);
  expect(await replicas()).toBe(5);
});

test('a guarded write that waits behind a claim is refused', async () => {
  const older = await claim(connection.db, 'target', target);
  const client = await connection.pool.connect();
  await client.query('begin');
  await client.query('update targets set epoch = epoch + 1 where id = $1', [target]);
  const late = guarded(connection.db, older, write(6));
  const refused = expect(late).rejects.toThrow(StaleClaim);
  await untilBlocked();
  await client.query('commit');
  client.release();
  await refused;
  expect(await replicas()).not.toBe(6);
});

test('writers of one claim at the same time go one after another', async () => {
  const mine = await claim(connection.db, 'target', target);
  await connection.db.update(targets).set({ replicas: 0 });
  const add = (tx: typeof connection.db) => tx.update(targets).set({ replicas: sql`${targets.replicas} + 1` });
  await Promise.all(Array.from({ length: 20 }, () => guarded(connection.db, mine, add)));
  expect(await replicas()).toBe(20);
});

test('a thrown error leaves nothing of the write', async () => {
  const mine = await claim(connection.db, 'target', target);
  const before = await replicas();
  const failing = guarded(connection.db, mine, async (tx) => {
    await write(99)(tx);
    throw new Error('on the way');
  });
  await expect(failing).rejects.toThrow('on the way');
  expect(await replicas()).toBe(before);
});

test("a frozen server's open transaction is ended by the database, so that a claim gets through", async () => {
  const freezing = connect(url, { name: 'frozen', idleInTransactionMs: 300 });
  const older = await claim(freezing.db, 'target', target);
  const inside = Promise.withResolvers<void>();
  const thaw = Promise.withResolvers<void>();
  const frozen = guarded(freezing.db, older, async (tx) => {
    await write(77)(tx);
    inside.resolve();
    await thaw.promise;
  });
  const refused = expect(frozen).rejects.toThrow();
  await inside.promise;
  const newer = await claim(connection.db, 'target', target);
  expect(newer.epoch).toBe(older.epoch + 1);
  thaw.resolve();
  await refused;
  expect(await replicas()).not.toBe(77);
  await freezing.close();
});

test('what is not there cannot be claimed, and what nobody guards cannot be written', async () => {
  await expect(claim(connection.db, 'run', 4711)).rejects.toMatchObject({ code: 'unknown_run' });
  await expect(claim(connection.db, 'target', 4711)).rejects.toMatchObject({ code: 'not_found' });
  await expect(guarded(connection.db, { scope: 'run/4711', epoch: 1 }, write(1))).rejects.toThrow(StaleClaim);
  await expect(guarded(connection.db, { scope: 'host/1', epoch: 1 }, write(1))).rejects.toThrow('host/1');
});

/** Until some query of this database waits for another one's lock. */
async function untilBlocked(): Promise<void> {
  for (;;) {
    const { rows } = await connection.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
  }
}
