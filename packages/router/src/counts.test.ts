import { expect, test } from 'vitest';
import { CountBook } from './counts.ts';

const hour = 3_600_000;

test('a release that left the table is forgotten after an hour, one that came back is not', () => {
  const book = new CountBook('i', '/nowhere');
  for (const release of ['gone', 'back', 'here']) book.tally(release).answered(200);
  const releases = () => Object.keys(book.stats().releases);
  book.retain(new Set(['here']), 0);
  book.retain(new Set(['here', 'back']), hour);
  expect(releases()).toEqual(['gone', 'back', 'here']);
  book.retain(new Set(['here']), hour + 1);
  expect(releases()).toEqual(['back', 'here']);
  expect(book.tally('back')).toBe(book.tally('back'));
});

test('who has looked before is told what changed since, whole', () => {
  const book = new CountBook('i', '/nowhere');
  const [quiet, busy] = [book.tally('quiet'), book.tally('busy')];
  book.tally('silent');
  for (const tally of [quiet, busy]) tally.answered(200);
  const first = book.stats();
  expect(Object.keys(first.releases)).toEqual(['quiet', 'busy']);
  busy.answered(500);
  const second = book.stats(first.sequence);
  expect(second.releases).toMatchObject({ busy: { requests: 2, status2xx: 1, status5xx: 1 } });
  expect(Object.keys(second.releases)).toEqual(['busy']);
  expect(book.stats(second.sequence).releases).toEqual({});
  // Somebody else, who saw less.
  expect(Object.keys(book.stats(first.sequence).releases)).toEqual(['busy']);
});
