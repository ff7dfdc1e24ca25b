import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, transaction } from './connect.ts';
import { appendEvent, eventsAfter, type NewEvent } from './events.ts';
import { events } from './schema.ts';
import { testDatabase } from './testing/database.ts';

const opened: Connection[] = [];
let db: Connection['db'];

beforeEach(async () => {
  const connection = connect(await testDatabase(), { name: 'events test', idleInTransactionMs: 60_000 });
  opened.push(connection);
  db = connection.db;
});
afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
});

const event = (subject: string, more: Partial<NewEvent> = {}): NewEvent => ({
  name: 'run.queued',
  actor: 'ann',
  subject,
  data: {},
  ...more,
});
const subjects = (rows: { subject: string }[]) => rows.map((row) => row.subject);

test('an event is there exactly when its transaction is', async () => {
  await transaction(db, (tx) => appendEvent(tx, event('run/1', { data: { branch: 'main' } })));
  await expect(
    transaction(db, async (tx) => {
      await appendEvent(tx, event('run/2'));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await eventsAfter(db, 0, { limit: 9 })).toMatchObject([
    { name: 'run.queued', actor: 'ann', subject: 'run/1', data: { branch: 'main' } },
  ]);
});

test('lists by subject and project, page by page', async () => {
  for (let run = 1; run <= 6; run++) await db.insert(events).values({ ...event(`run/${run % 2}`), projectId: run });
  expect(await eventsAfter(db, 0, { limit: 9, projectId: 3 })).toHaveLength(1);
  const oldest = await eventsAfter(db, 0, { limit: 2, subject: 'run/1' });
  expect(oldest.map((row) => row.projectId)).toEqual([1, 3]);
  const next = await eventsAfter(db, oldest[1]?.id ?? 0, { limit: 2, subject: 'run/1' });
  expect(next.map((row) => row.projectId)).toEqual([5]);
});

test('whoever follows by id misses no event that commits late', async () => {
  const inside = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = transaction(db, async (tx) => {
    await appendEvent(tx, event('slow'));
    inside.resolve();
    await goOn.promise;
  });
  await inside.promise;
  await appendEvent(db, event('fast'));
  expect(subjects(await db.select().from(events))).toEqual(['fast']);
  const following = eventsAfter(db, 0, { limit: 9 });
  // It must be waiting by now: it asked for the locks before this query was answered.
  await db.execute(sql`select pg_sleep(0.1)`);
  goOn.resolve();
  await slow;
  expect(subjects(await following)).toEqual(['slow', 'fast']);
});

test('a writer that does not come to an end is not waited for without end', async () => {
  const goOn = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const stuck = transaction(db, async (tx) => {
    await appendEvent(tx, event('stuck'));
    inside.resolve();
    await goOn.promise;
  });
  await inside.promise;
  expect(await eventsAfter(db, 0, { limit: 9 })).toEqual([]);
  goOn.resolve();
  await stuck;
  expect(subjects(await eventsAfter(db, 0, { limit: 9 }))).toEqual(['stuck']);
});

test.each(['update events set actor = $$nobody$$', 'delete from events', 'truncate events', 'delete from ledger'])(
  'the database refuses: %s',
  async (statement) => {
    await appendEvent(db, event('run/1'));
    await expect(db.execute(sql.raw(statement))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('append-only') },
    });
    expect(await db.select().from(events)).toHaveLength(1);
  },
);
