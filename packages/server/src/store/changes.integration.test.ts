import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Changes, notify, openChanges } from './changes.ts';
import { type Connection, connect, transaction } from './connect.ts';
import { projects } from './schema.ts';
import { testDatabase } from './testing/database.ts';

// No test may pass by looking again after this time, far over the tests' own limit.
const never = { pollMs: 10_000_000 };

let url: string;
let connection: Connection;
let changes: Changes;

beforeAll(async () => {
  url = await testDatabase();
  connection = connect(url, { name: 'changes test' });
});
afterAll(() => connection.close());
beforeEach(async () => {
  changes = openChanges(url, { name: 'changes test' });
  await changes.listening;
});
afterEach(() => changes.close());

const named = (name: string) => async () =>
  (await connection.db.select().from(projects)).find((project) => project.name === name) ?? null;
const add = (name: string, id: number) =>
  transaction(connection.db, async (tx) => {
    await tx.insert(projects).values({ name });
    await notify(tx, ['run', id]);
  });
/** Calls `look` and tells when it was first called. */
function watched<T>(look: () => Promise<T | null>) {
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const calls = { count: 0 };
  return {
    first,
    calls,
    look: async () => {
      calls.count++;
      const found = await look();
      resolve();
      return found;
    },
  };
}

test('what is there already is found without any change', async () => {
  expect(await changes.until('run', 1, async () => 'there')).toBe('there');
});

test('a change of the same id is seen; one of another id or topic wakes nobody', async () => {
  const { look, first, calls } = watched(named('seen'));
  const waiting = changes.until('run', 7, look, never);
  await first;
  const others: (string | null)[] = [];
  changes.on('run', (id) => others.push(id));
  const deployments = Promise.withResolvers<string | null>();
  changes.on('deployment', deployments.resolve);
  await notify(connection.db, ['run', 8]);
  await notify(connection.db, ['deployment', 'a:7']);
  expect(await deployments.promise).toBe('a:7');
  expect(others).toEqual(['8']);
  expect(calls.count).toBe(1);
  await add('seen', 7);
  expect(await waiting).toMatchObject({ name: 'seen' });
  expect(calls.count).toBe(2);
});

test('a change between the look and the wait is not lost', async () => {
  let there = false;
  const heard = Promise.withResolvers<string | null>();
  changes.on('run', heard.resolve);
  const look = async () => {
    if (there) return 'found';
    // The change happens, and its notification arrives, before this look has said that there is nothing.
    there = true;
    await notify(connection.db, ['run', 9]);
    await heard.promise;
    return null;
  };
  expect(await changes.until('run', null, look, never)).toBe('found');
});

test('a change while the connection is away is found after the reconnect', async () => {
  const { look, first } = watched(named('meanwhile'));
  const waiting = changes.until('run', 10, look, never);
  await first;
  await transaction(connection.db, async (tx) => {
    await tx.insert(projects).values({ name: 'meanwhile' });
    await tx.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'changes test listen'`,
    );
  });
  expect(await waiting).toMatchObject({ name: 'meanwhile' });
});

test('without any notification it looks again after a while', async () => {
  let looks = 0;
  expect(await changes.until('run', 11, async () => (++looks === 3 ? looks : null), { pollMs: 10 })).toBe(3);
});

test('a look that finds the database away is tried again; any other error is thrown', async () => {
  let looks = 0;
  const look = async () => {
    if (++looks === 1) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    return looks;
  };
  expect(await changes.until('run', 12, look, { pollMs: 10 })).toBe(2);
  await expect(changes.until('run', 12, () => Promise.reject(new Error('defect')))).rejects.toThrow('defect');
});

test('an aborted wait ends with the reason, and nobody is called after that', async () => {
  const controller = new AbortController();
  const { look, first, calls } = watched(async () => null);
  const waiting = changes.until('run', 13, look, { ...never, signal: controller.signal });
  await first;
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(changes.until('run', 13, look, { signal: controller.signal })).rejects.toThrow('enough');
  const seen = Promise.withResolvers<void>();
  const stop = changes.on('run', () => seen.resolve());
  await notify(connection.db, ['run', 13]);
  await seen.promise;
  expect(calls.count).toBe(1);
  stop();
});

test('500 waiters, each woken by its own change alone', async () => {
  const done = new Set<number>();
  const looks = { count: 0 };
  const waiters = Array.from({ length: 500 }, (_, id) =>
    changes.until(
      'deployment',
      id,
      async () => {
        looks.count++;
        return done.has(id) ? id : null;
      },
      never,
    ),
  );
  for (let id = 0; id < 500; id++) done.add(id);
  await transaction(connection.db, async (tx) => {
    for (let id = 0; id < 500; id++) await notify(tx, ['deployment', id]);
  });
  expect(await Promise.all(waiters)).toEqual([...done]);
  expect(looks.count).toBe(1_000);
});

test('it closes while it cannot connect, and says why it cannot', async () => {
  const away = Promise.withResolvers<Error>();
  const nowhere = openChanges('postgresql://towpath@127.0.0.1:1/none', { name: 'nowhere', onAway: away.resolve });
  expect(await away.promise).toMatchObject({ code: 'ECONNREFUSED' });
  await nowhere.close();
});
