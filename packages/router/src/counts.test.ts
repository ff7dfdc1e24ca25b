import { expect, test } from 'vitest';
import { CountBook } from './counts.ts';

const hour = 3_600_000;

test('an answer is counted by the class of its status, a switch of protocols by the request alone', () => {
  const book = new CountBook('i', '/nowhere');
  const tally = book.tally('v1');
  for (const status of [101, 200, 204, 302, 404, 500, 503]) tally.answered(status);
  tally.left();
  tally.connectionFailed();
  tally.cut();
  expect(book.stats()).toMatchObject({ instance: 'i' });
  expect(book.stats().releases).toEqual({
    v1: { requests: 8, status2xx: 2, status3xx: 1, status4xx: 1, status5xx: 2, connectionFailures: 1, cut: 1 },
  });
});

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
