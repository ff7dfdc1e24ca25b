import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RouterStats } from '@towpath/contract/router';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountBook } from './counts.ts';

let folder: string;
const logged: string[] = [];
const log = (event: string): void => void logged.push(event);
const statsOf = async (book: CountBook, after?: number) => RouterStats.parse(JSON.parse(await book.stats(after)));
const file = () => join(folder, 'stats.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tow-'));
  logged.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function book(instance: string): Promise<CountBook> {
  const made = new CountBook(instance, folder);
  await made.restore(log);
  return made;
}

test('what a start has saved is told by the next ones as its own, beside theirs', async () => {
  for (const instance of ['a', 'b']) {
    const counts = await book(instance);
    counts.tally('v1').answered(200);
    counts.tally('v1').timed(12);
    await counts.flush();
    counts.tally('v1').answered(200);
  }
  await (await book('idle')).flush();
  const last = await book('c');
  last.tally('v1').answered(503);
  const stats = await statsOf(last);
  expect(stats).toMatchObject({ instance: 'c', releases: { v1: { requests: 1 } } });
  // What was not saved any more is lost, and nothing else.
  expect(stats.earlier.map(({ instance, releases }) => [instance, releases.v1?.requests])).toEqual([
    ['b', 1],
    ['a', 1],
  ]);
  expect(stats.earlier[0]?.releases.v1?.latencies).toHaveLength(2);
  expect(await statsOf(last, stats.sequence)).toMatchObject({ releases: {}, earlier: [] });
  expect(logged).toEqual([]);
});

test('of many starts the newest are told, and none that ended over seven days ago', async () => {
  for (let start = 0; start < 20; start++) {
    const counts = await book(`i${start}`);
    counts.tally('v1').answered(200);
    await counts.flush();
  }
  const last = await book('last');
  const week = 7 * 24 * 3_600_000;
  const told = (await statsOf(last)).earlier.map(({ instance }) => instance);
  expect(told).toEqual(Array.from({ length: 16 }, (_, back) => `i${19 - back}`));
  const late = new CountBook('late', folder);
  await late.restore(log, Date.now() + week);
  expect((await statsOf(late)).earlier).toEqual([]);
  // One that runs for long forgets them, too.
  expect(JSON.parse(await last.stats(null, Date.now() + week)).earlier).toEqual([]);
});

test('a start that is killed before it counted anything tells no start twice', async () => {
  const first = await book('a');
  first.tally('v1').answered(200);
  await first.flush();
  for (const instance of ['b', 'c']) await book(instance);
  expect((await statsOf(await book('d'))).earlier.map(({ instance }) => instance)).toEqual(['a']);
});

test('nothing is written while nothing changes', async () => {
  const counts = await book('a');
  await counts.flush();
  await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' });
  counts.tally('v1').answered(200);
  await counts.flush();
  await rm(file());
  await counts.flush();
  await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' });
  counts.tally('v1').answered(200);
  await counts.flush();
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ releases: { v1: { requests: 2 } } });
});

test('a file that is broken, or of a version that counted less, is reported and forgotten', async () => {
  for (const text of [
    '{"instance":',
    '{"instance":"a","at":"2026-01-01T00:00:00.000Z","releases":{"v1":{"requests":1}}}',
  ]) {
    await writeFile(file(), text);
    expect((await statsOf(await book('b'))).earlier).toEqual([]);
  }
  expect(logged).toEqual(['stats_broken', 'stats_broken']);
});
