import { RouterStats } from '@towpath/contract/router';
import { expect, test } from 'vitest';
import { CountBook } from './counts.ts';

const hour = 3_600_000;
const statsOf = async (book: CountBook, after?: number) => RouterStats.parse(JSON.parse(await book.stats(after)));

test('a release that left the table is forgotten after an hour, one that came back is not', async () => {
  const book = new CountBook('i', '/nowhere');
  for (const release of ['gone', 'back', 'here']) book.tally(release).answered(200);
  const releases = async () => Object.keys((await statsOf(book)).releases);
  book.retain(new Set(['here']), 0);
  book.retain(new Set(['here', 'back']), hour);
  expect(await releases()).toEqual(['gone', 'back', 'here']);
  book.retain(new Set(['here']), hour + 1);
  expect(await releases()).toEqual(['back', 'here']);
  expect(book.tally('back')).toBe(book.tally('back'));
  book.tally('gone').answered(200);
  const { gone, here } = (await statsOf(book)).releases;
  expect(gone?.since).toBeGreaterThan(here?.since ?? 0);
});

test('who has looked before is told what changed since, whole', async () => {
  const book = new CountBook('i', '/nowhere');
  const [quiet, busy] = [book.tally('quiet'), book.tally('busy')];
  book.tally('silent');
  for (const tally of [quiet, busy]) tally.answered(200);
  const first = await statsOf(book);
  expect(Object.keys(first.releases)).toEqual(['quiet', 'busy']);
  busy.answered(500);
  const second = await statsOf(book, first.sequence);
  expect(second.releases).toMatchObject({ busy: { requests: 2, status2xx: 1, status5xx: 1 } });
  expect(Object.keys(second.releases)).toEqual(['busy']);
  expect((await statsOf(book, second.sequence)).releases).toEqual({});
  // Somebody else, who saw less.
  expect(Object.keys((await statsOf(book, first.sequence)).releases)).toEqual(['busy']);
});

test('with many releases others get their turn while they are written out, and what changes meanwhile is told again', async () => {
  const book = new CountBook('i', '/nowhere');
  const tallies = Array.from({ length: 100 }, (_, index) => book.tally(`v${index}`));
  for (const tally of tallies) tally.answered(200);
  const writing = statsOf(book);
  setImmediate(() => tallies[0]?.answered(200));
  const first = await writing;
  expect(Object.keys(first.releases)).toHaveLength(100);
  expect(first.releases.v0).toMatchObject({ requests: 1 });
  expect((await statsOf(book, first.sequence)).releases).toMatchObject({ v0: { requests: 2 } });
});
