import { afterEach, beforeEach, expect, test } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { type Connection, connect } from './connect.ts';
import { sql } from './drizzle.ts';
import { claim } from './guard.ts';
import { readLog } from './log-chunks.ts';
import { daysOf } from './log-days.ts';
import { tendLogs } from './log-retention.ts';
import { addToLog, findLog, LogMoved, type LogPosition, noteInLog } from './logs.ts';
import { testDatabase } from './testing/database.ts';

let connection: Connection;
const db = () => connection.db;

beforeEach(async () => {
  connection = connect(await testDatabase(), { name: 'logs' });
});
afterEach(() => connection.close());

const source = '1:unit:1';

async function add(
  text: string | Buffer,
  before: LogPosition | null,
  raw: number,
  more: { key?: string; at?: Date } = {},
) {
  const { key = source, at = new Date() } = more;
  const pieces = [{ at, bytes: Buffer.from(text) }];
  return addToLog(db(), null, { key, before, after: { source, raw }, pieces, capped: false, targetId: null });
}

async function whole(key = source): Promise<string> {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const part = await readLog(db(), key, at);
    if (part === null || part.chunks.length === 0) return Buffer.concat(parts).toString();
    for (const { bytes } of part.chunks) parts.push(bytes);
    const last = part.chunks.at(-1);
    at = (last?.offset ?? 0) + (last?.bytes.length ?? 0);
  }
}

test('what is added comes in order, from any position, with the lines before it', async () => {
  expect(await add('one\ntwo\n', null, 8)).toBe(8);
  expect(await add('three\n', { source, raw: 8 }, 14)).toBe(14);
  expect(await whole()).toBe('one\ntwo\nthree\n');
  const part = await readLog(db(), source, 9);
  expect(part).toMatchObject({ size: 14, chunks: [{ offset: 8, lines: 2, bytes: Buffer.from('three\n') }] });
  expect((await readLog(db(), source, 3))?.chunks.map(({ offset }) => offset)).toEqual([0, 8]);
  expect(await readLog(db(), source, 14)).toMatchObject({ size: 14, chunks: [] });
  expect(await readLog(db(), 'nothing', 0)).toBeNull();
});

test('megabytes are cut into chunks, compressed, and come out as they went in', async () => {
  const text = Array.from({ length: 30_000 }, (_, index) => `line ${index}\n`).join('');
  await add(text, null, text.length);
  expect(await whole()).toBe(text);
  const { rows } = await db().execute<{ stored: string; longest: number }>(
    sql`select sum(length(data)) as stored, max(bytes) as longest from log_chunks`,
  );
  expect(Number(rows[0]?.stored)).toBeLessThan(text.length / 3);
  expect(rows[0]?.longest).toBeLessThanOrEqual(64_000);
});

test('what two servers add from one position is there once', async () => {
  await add('one\n', null, 4);
  const both = await Promise.allSettled([add('two\n', { source, raw: 4 }, 8), add('two\n', { source, raw: 4 }, 8)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(LogMoved) });
  await expect(add('one\n', null, 4)).rejects.toThrow(LogMoved);
  expect(await whole()).toBe('one\ntwo\n');
});

test('an older claim adds nothing', async () => {
  await db().execute(sql`insert into projects (name) values ('shop')`);
  await db().execute(sql`insert into services (project_id, name, settings) values (1, 'api', '{}')`);
  await db().execute(sql`insert into runs (service_id, branch, commit, message, author, settings, trigger, requested_by, status)
    values (1, 'main', 'c', 'm', 'a', '{}', 'push', 'ada', 'running')`);
  const old = await claim(db(), 'run', 1);
  const now = await claim(db(), 'run', 1);
  const addition = {
    key: source,
    before: null,
    after: { source, raw: 1 },
    pieces: [{ at: new Date(), bytes: Buffer.from('x') }],
    capped: false,
    targetId: null,
  };
  await expect(addToLog(db(), old, addition)).rejects.toThrow(StaleClaim);
  expect(await findLog(db(), source)).toBeNull();
  await addToLog(db(), now, addition);
  expect(await whole()).toBe('x');
});

test('a note comes between what is printed, and leaves the position where it was', async () => {
  await noteInLog(db(), source, 'begins\n');
  await add('printed\n', { source: '', raw: 0 }, 8);
  await noteInLog(db(), source, 'between\n');
  await add('more\n', { source, raw: 8 }, 13);
  expect(await whole()).toBe('begins\nprinted\nbetween\nmore\n');
});

const day = 24 * 3_600_000;
const now = new Date();
const ago = (days: number) => new Date(now.getTime() - days * day);
const retention = { goodHours: 48, keptDays: 30, tailBytes: 10 };

test('days are dropped as wholes; what failed, and the ends, are kept for longer', async () => {
  for (const [index, status] of ['succeeded', 'failed'].entries()) {
    const key = `${index}:unit:1`;
    await db().execute(sql`insert into attempts (run_id, index, attempt, key, status, ended_at)
      values (${index}, 0, 1, ${key}, ${status}, now())`);
    await add('a beginning of twenty', null, 21, { key, at: ago(5) });
    await add('the end', { source, raw: 21 }, 28, { key, at: ago(5) });
  }
  await add('today', null, 5, { key: 'today' });
  expect(await tendLogs(db(), now, retention)).toBe(1);
  expect(await daysOf(db(), 'log_chunks')).toHaveLength(2);
  expect(await daysOf(db(), 'kept_log_chunks')).toHaveLength(1);
  expect(await whole('1:unit:1')).toBe('a beginning of twentythe end');
  expect(await readLog(db(), '0:unit:1', 0)).toMatchObject({ size: 28, chunks: [{ offset: 0 }, { offset: 21 }] });
  expect(await whole('today')).toBe('today');
  expect(await tendLogs(db(), new Date(now.getTime() + 40 * day), retention)).toBe(3);
  expect((await readLog(db(), '1:unit:1', 0))?.chunks).toEqual([]);
});

test('of what went well only the end outlives its day', async () => {
  const key = '7:unit:1';
  await db().execute(sql`insert into attempts (run_id, index, attempt, key, status, ended_at)
    values (7, 0, 1, ${key}, 'succeeded', now())`);
  await add('long ago, a beginning\n', null, 22, { key, at: ago(5) });
  await add('much later, an end\n', { source, raw: 22 }, 41, { key, at: ago(4) });
  await tendLogs(db(), now, retention);
  expect((await readLog(db(), key, 0))?.chunks).toMatchObject([{ offset: 22, lines: 1 }]);
});

test('several servers make and drop the days at once', async () => {
  await add('old', null, 3, { at: ago(9) });
  await Promise.all(Array.from({ length: 4 }, () => tendLogs(db(), now, retention)));
  expect(await daysOf(db(), 'log_chunks')).toHaveLength(2);
});
