import { setTimeout as sleep } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMask } from '../secrets/mask.ts';
import { type Changes, openChanges } from '../store/changes.ts';
import { type Connection, connect } from '../store/connect.ts';
import { sql } from '../store/drizzle.ts';
import { testDatabase } from '../store/testing/database.ts';
import type { LogEnd, LogOf } from './follow.ts';
import { Logs } from './logs.ts';
import type { LogMessage } from './pages.ts';
import { Printer } from './testing/printer.ts';

const key = '1:unit:1';
const limits = { mostBytes: 12_000_000, tailBytes: 1_000 };

let connections: Connection[];
let changes: Changes[];
let url: string;
/** The record as one server has it. */
let logs: Logs;

beforeEach(async () => {
  [connections, changes] = [[], []];
  url = await testDatabase();
  logs = await server();
});
afterEach(async () => {
  for (const each of changes) await each.close();
  for (const each of connections) await each.close();
});

async function server(given = limits): Promise<Logs> {
  const connection = connect(url, { name: 'logs' });
  const listening = openChanges(url, { name: 'logs changes' });
  connections.push(connection);
  changes.push(listening);
  await listening.listening;
  return new Logs({ db: connection.db, changes: listening, limits: given });
}

const store = (by: Logs, printer: Printer, secrets: readonly string[] = []) =>
  by.store({
    key,
    source: key,
    claim: null,
    mask: createMask(secrets),
    read: (offset, signal) => printer.read(offset, signal),
    back: async () => {},
  });

const { signal } = new AbortController();
const ofPrinter = (printer: Printer): LogOf => ({
  key,
  topic: ['run', 1],
  over: async () => (printer.ended ? 'succeeded' : null),
});

/** Reads on until the end, as a viewer from anywhere; throws where a byte is missing or doubled. */
async function view(
  by: Logs,
  printer: Printer,
  after = 0,
): Promise<{ text: string; messages: LogMessage[]; end: LogEnd }> {
  const messages: LogMessage[] = [];
  const pieces = by.follow(ofPrinter(printer), { after, live: true, signal });
  for (let at = after; ; ) {
    const { done, value } = await pieces.next();
    if (done === true) return { text: messages.map(({ text }) => text).join(''), messages, end: value };
    expect(value.message.offset).toBe(at);
    at = value.message.next;
    messages.push(value.message);
  }
}

async function whole(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { bytes } of logs.follow(ofPrinter(new Printer()), { after: 0, live: false, signal }))
    parts.push(bytes);
  return Buffer.concat(parts);
}

/** Tells viewers as the end of a stage does. */
async function end(printer: Printer, stored: Promise<void>): Promise<void> {
  printer.end();
  await stored;
  await connections[0]?.db.execute(sql`select pg_notify('towpath', 'run:1')`);
}

test('a line is seen from every server as it is printed, and the end after all of it', async () => {
  const printer = new Printer();
  const stored = store(logs, printer);
  const views = [view(logs, printer), view(await server(), printer)];
  for (let line = 0; line < 20; line++) {
    printer.print(`line ${line}\n`);
    await sleep(5);
  }
  await end(printer, stored);
  const text = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
  for (const seen of await Promise.all(views)) {
    expect(seen.text).toBe(text);
    expect(seen.end).toEqual({ offset: text.length, status: 'succeeded', truncated: false });
  }
  expect((await view(logs, printer, 70)).text).toBe(text.slice(70));
});

describe('whatever a command prints', () => {
  test.each([
    ['ANSI', Buffer.from('\u001b[31mred\u001b[0m \u001b]0;title\u0007\r\n')],
    ['no UTF-8', Buffer.from([0x61, 0xff, 0xfe, 0xe2, 0x82, 0x0a, 0xf0, 0x9f])],
    ['a binary', Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256))],
    ['a line of 10 MB', Buffer.alloc(10_000_000, 'x')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is kept byte by byte, and shown as text', async (_, bytes) => {
    const printer = new Printer();
    const stored = store(logs, printer);
    const seen = view(logs, printer);
    for (let at = 0; at < bytes.length; at += 65_537) printer.print(bytes.subarray(at, at + 65_537));
    await end(printer, stored);
    expect((await whole()).equals(bytes)).toBe(true);
    const { text, messages } = await seen;
    expect(text.isWellFormed()).toBe(true);
    expect(messages.every(({ text }) => text.length <= 65_536)).toBe(true);
    expect(messages.at(-1)?.next ?? 0).toBe(bytes.length);
  });

  test('text is shown as it was, wherever it was cut', async () => {
    const text = 'grüße 🙂 €\n'.repeat(200);
    const printer = new Printer();
    const stored = store(logs, printer);
    const seen = view(logs, printer);
    for (const byte of Buffer.from(text)) {
      printer.print(Buffer.from([byte]));
      if (byte === 0x9f) await sleep(1);
    }
    await end(printer, stored);
    expect((await seen).text).toBe(text);
  });

  test('a secret that comes in two pieces is hidden, and never lies in the database', async () => {
    const printer = new Printer();
    const stored = store(logs, printer, ['very-secret-token']);
    printer.print('the token is very-sec');
    await expect.poll(async () => (await whole()).toString()).toBe('the token is ');
    printer.print('ret-token, and very-');
    await expect.poll(async () => (await whole()).toString()).toBe('the token is •••, and ');
    await end(printer, stored);
    expect((await whole()).toString()).toBe('the token is •••, and very-');
  });
});

test('of a log over the most that is kept, the beginning and the end are, with a notice between', async () => {
  logs = await server({ mostBytes: 1_000, tailBytes: 100 });
  const printer = new Printer();
  printer.pieceBytes = 100;
  const stored = store(logs, printer);
  const seen = view(logs, printer);
  for (let line = 0; line < 1_000; line++) printer.print(`${String(line).padStart(9, '.')}\n`);
  await expect.poll(async () => (await whole()).toString()).toContain('the most that is kept');
  await end(printer, stored);
  const text = (await whole()).toString();
  expect(text).toMatch(/^\.{8}0\n/);
  expect(text).toMatch(/bytes are left out here\n(\.{6}\d{3}\n){10}$/);
  expect(text.length).toBeLessThan(1_500);
  expect(await seen).toMatchObject({ text, end: { truncated: true } });
});

describe('when the server that stores a log is gone', () => {
  const secrets = ['very-secret-token'];
  const text = Array.from({ length: 400 }, (_, line) => `line ${line} has very-secret-token in it\n`).join('');
  const masked = text.replaceAll('very-secret-token', '•••');

  test.each(Array.from({ length: 6 }, (_, index) => index))(
    'the next one goes on, nothing missed and nothing doubled (%i)',
    async (round) => {
      const printer = new Printer();
      const seen = view(logs, printer);
      const bytes = Buffer.from(text);
      let at = 0;
      // Each server prints on a bit, in odd pieces, and is cut off in the middle of whatever it does.
      for (let life = 0; life < 5; life++) {
        const by = await server();
        const cut = new Printer(printer);
        const stored = store(by, cut, secrets);
        stored.catch(() => {});
        const until = Math.min(bytes.length, at + 1_700 + 97 * round);
        for (; at < until; at += 13) printer.print(bytes.subarray(at, Math.min(at + 13, until)));
        at = until;
        await sleep(round * 7);
        cut.breakOff(new Error('killed'));
        await expect(stored).rejects.toThrow('killed');
      }
      const last = store(await server(), printer, secrets);
      printer.print(bytes.subarray(at));
      await end(printer, last);
      expect((await whole()).toString()).toBe(masked);
      expect((await seen).text).toBe(masked);
    },
  );

  test('one that wakes up late adds nothing', async () => {
    const printer = new Printer();
    const late = new Printer(printer);
    const first = store(logs, late);
    printer.print('one\n');
    await expect.poll(async () => (await whole()).toString()).toBe('one\n');
    late.freeze();
    const second = store(await server(), printer);
    printer.print('two\n');
    await expect.poll(async () => (await whole()).toString()).toBe('one\ntwo\n');
    late.thaw();
    printer.print('three\n');
    printer.end();
    await Promise.all([first, second]);
    expect((await whole()).toString()).toBe('one\ntwo\nthree\n');
  });
});

test('the keeper of the process may be away for a while', async () => {
  const printer = new Printer();
  const cut = new Printer(printer);
  const stored = store(logs, cut);
  printer.print('one\n');
  cut.breakOff(new TowpathError('supervisor_away', 'it is away'), 'once');
  printer.print('two\n');
  printer.end();
  await stored;
  expect((await whole()).toString()).toBe('one\ntwo\n');
});

test('a viewer that stops reading holds one page, and goes on where it was', async () => {
  const printer = new Printer();
  const stored = store(logs, printer);
  const pieces = logs.follow(ofPrinter(printer), { after: 0, live: true, signal });
  printer.print('one\n');
  expect((await pieces.next()).value).toMatchObject({ message: { text: 'one\n' } });
  const much = Buffer.alloc(8_000_000, 'much \n');
  printer.print(much);
  await end(printer, stored);
  let bytes = 4;
  for await (const piece of pieces) bytes += piece.bytes.length;
  expect(bytes).toBe(much.length + 4);
});

test('lines are found by a text, with their numbers and positions', async () => {
  const printer = new Printer();
  const stored = store(logs, printer);
  for (let line = 1; line <= 3_000; line++)
    printer.print(line % 1_000 === 0 ? `\u001b[31mFA\u001b[0mIL ${line}\n` : `ok ${line}\n`);
  await end(printer, stored);
  const found = await logs.search(key, { text: 'fail', after: 0, limit: 2 });
  expect(found.more).toBe(true);
  expect(found.matches).toMatchObject([
    { line: 1_000, text: 'FAIL 1000' },
    { line: 2_000, text: 'FAIL 2000' },
  ]);
  const [first] = found.matches;
  const there = (await whole()).subarray(first?.offset).toString();
  expect(there.startsWith('\u001b[31mFA\u001b[0mIL 1000\nok 1001\n')).toBe(true);
  expect(await logs.search(key, { text: 'FAIL', after: 2_000, limit: 2 })).toMatchObject({
    matches: [{ line: 3_000 }],
    more: false,
  });
  expect(await logs.search(key, { text: 'nowhere', after: 0, limit: 2 })).toEqual({ matches: [], more: false });
});
