import { expect, test } from 'vitest';
import { pageOf } from './pages.ts';

const at = new Date('2026-11-21T12:00:00.000Z');
const chunk = (offset: number, bytes: Buffer | string, later = 0) => ({
  offset,
  lines: 0,
  at: new Date(at.getTime() + later),
  bytes: Buffer.from(bytes),
});
const texts = (...[part, from, whole]: Parameters<typeof pageOf>) =>
  pageOf(part, from, whole).pieces.map(({ message }) => [message.offset, message.next, message.text]);
const part = (...chunks: ReturnType<typeof chunk>[]) => ({ size: 1_000, capped: false, chunks });

test('chunks of one moment are one piece, with the time of the first', () => {
  const page = pageOf(part(chunk(0, 'one\n'), chunk(4, 'two\n', 900), chunk(8, 'three\n', 2_000)), 0, false);
  expect(page.pieces.map(({ message }) => message)).toEqual([
    { offset: 0, next: 8, at: '2026-11-21T12:00:00.000Z', text: 'one\ntwo\n' },
    { offset: 8, next: 14, at: '2026-11-21T12:00:02.000Z', text: 'three\n' },
  ]);
});

test('it begins in the middle of a chunk', () => {
  expect(texts(part(chunk(0, 'one\ntwo\n')), 4, false)).toEqual([[4, 8, 'two\n']]);
});

test('a character that two chunks share is in one piece; its beginning alone is left', () => {
  const smile = Buffer.from('🙂!');
  expect(texts(part(chunk(0, smile.subarray(0, 2)), chunk(2, smile.subarray(2), 5_000)), 0, false)).toEqual([
    [0, 5, '🙂!'],
  ]);
  expect(texts(part(chunk(0, smile.subarray(0, 2))), 0, false)).toEqual([]);
  expect(texts(part(chunk(0, smile.subarray(0, 2))), 0, true)).toEqual([[0, 2, '�']]);
});

test('where days were dropped, offsets say so', () => {
  expect(texts(part(chunk(100, 'late'), chunk(200, 'later')), 0, false)).toEqual([
    [100, 104, 'late'],
    [200, 205, 'later'],
  ]);
});

test('no piece has more than 64 KiB', () => {
  const big = Buffer.alloc(64_000, 'é');
  const pieces = pageOf(part(chunk(0, big.subarray(0, 63_999)), chunk(63_999, big)), 0, true).pieces;
  expect(pieces.every(({ bytes }) => bytes.length <= 65_536)).toBe(true);
  expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(Buffer.concat([big.subarray(0, 63_999), big]));
});
