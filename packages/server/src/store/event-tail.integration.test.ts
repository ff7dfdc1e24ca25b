import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Changes, notify, openChanges } from './changes.ts';
import { type Connection, connect, transaction } from './connect.ts';
import { type EventChoice, type EventTail, openEventTail } from './event-tail.ts';
import { appendEvent, type NewEvent } from './events.ts';
import { events } from './schema.ts';
import { testDatabase } from './testing/database.ts';

const opened: { close(): Promise<void> }[] = [];
let db: Connection['db'];
let changes: Changes;
let tail: EventTail;

beforeEach(async () => {
  const url = await testDatabase();
  const connection = connect(url, { name: 'tail test', idleInTransactionMs: 60_000 });
  changes = openChanges(url, { name: 'tail test changes' });
  opened.push(connection, changes);
  db = connection.db;
  tail = openEventTail(db, changes);
  await changes.listening;
});
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
});

const event = (run: number, more: Partial<NewEvent> = {}): NewEvent => ({
  name: 'run.queued',
  actor: 'ann',
  subject: `run/${run}`,
  data: {},
  ...more,
});
const never = new AbortController().signal;

/** The subjects of the next `count` events. */
async function follow(from: number, count: number, choice: EventChoice = {}, of = tail): Promise<string[]> {
  const found: string[] = [];
  for (let position = from; found.length < count; ) {
    const page = await of.read(position, choice, never);
    expect(page.position).toBeGreaterThan(position);
    found.push(...page.events.map((each) => each.subject));
    position = page.position;
  }
  return found;
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `run/${from + index}`);

test('a reader waits for what happens, and gets it once it is committed', async () => {
  const start = await tail.now(never);
  const reading = follow(start, 2);
  await appendEvent(db, event(1));
  await transaction(db, (tx) => appendEvent(tx, event(2)));
  expect(await reading).toEqual(['run/1', 'run/2']);
});

test('events that are committed out of order come in order, none is missed', async () => {
  const start = await tail.now(never);
  const reading = follow(start, 20);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      transaction(db, async (tx) => {
        await appendEvent(tx, event(index));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
      }),
    ),
  );
  expect((await reading).sort()).toEqual(numbered(0, 19).sort());
});

test('whoever comes late, even further back than is kept, gets everything once', async () => {
  const start = await tail.now(never);
  const live = follow(start, 2_500);
  for (let run = 1; run <= 2_500; run += 500) {
    const many = Array.from({ length: 500 }, (_, index) => event(run + index));
    await transaction(db, async (tx) => {
      await tx.insert(events).values(many);
      await notify(tx, ['event', 'new']);
    });
  }
  expect(await live).toEqual(numbered(1, 2_500));
  expect(await follow(start, 2_500)).toEqual(numbered(1, 2_500));
  expect(await follow(start + 700, 1_800)).toEqual(numbered(701, 2_500));
  // Another server's tail has seen nothing of it.
  expect(await follow(start, 2_500, {}, openEventTail(db, changes))).toEqual(numbered(1, 2_500));
});

test('of one project only, and yet the position goes on with what others do', async () => {
  const start = await tail.now(never);
  for (const projectId of [1, 2, 1, 2]) await db.insert(events).values({ ...event(projectId), projectId });
  await notify(db, ['event', 'new']);
  expect(await follow(start, 2, { projectId: 2 })).toEqual(['run/2', 'run/2']);
  expect(await follow(start, 2, { subject: 'run/1' })).toEqual(['run/1', 'run/1']);
  const page = await tail.read(start, { projectId: 3 }, never);
  expect(page).toEqual({ events: [], position: start + 4 });
});

test('who goes away waits for nothing; the others go on', async () => {
  const start = await tail.now(never);
  const leaving = new AbortController();
  const left = tail.read(start, {}, leaving.signal);
  const staying = tail.read(start, {}, never);
  setTimeout(() => leaving.abort(new Error('gone')), 20);
  await expect(left).rejects.toThrow('gone');
  // The last one leaves, and another comes at once.
  const alone = new AbortController();
  const last = openEventTail(db, changes);
  const only = last.read(start, {}, alone.signal);
  alone.abort(new Error('gone too'));
  const next = last.read(start, {}, never);
  await expect(only).rejects.toThrow('gone too');
  await appendEvent(db, event(1));
  expect((await staying).events).toHaveLength(1);
  expect((await next).events).toHaveLength(1);
});
