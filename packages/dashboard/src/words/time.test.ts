import { expect, test } from 'vitest';
import { age, ago, clock, duration, until } from './time.ts';

test.each([
  [12, '12 ms'],
  [340, '0.3 s'],
  [59_949, '59.9 s'],
  [59_990, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [11_520_000, '3 h 12 min'],
  [183_600_000, '2 d 3 h'],
])('%i ms took %s', (ms, words) => expect(duration(ms)).toBe(words));

test('a clock ticks in whole seconds of one width, and never runs backwards below nothing', () => {
  expect([-400, 999, 59_999, 65_000].map(clock)).toEqual(['0 s', '0 s', '59 s', '1 min 05 s']);
});

test('an age is one unit', () => {
  const day = 86_400_000;
  expect([3_000, 720_000, 2 * 3_600_000, 5 * day, 21 * day, 200 * day, 800 * day].map(age)).toEqual([
    '3 s',
    '12 min',
    '2 h',
    '5 d',
    '3 wk',
    '6 mo',
    '2 y',
  ]);
});

test('a clock that is ahead shows no time to come', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  expect(ago('2026-01-01T12:00:09Z', now)).toBe('just now');
  expect(ago('2026-01-01T11:48:00Z', now)).toBe('12 min ago');
  expect(until('2026-01-04T12:00:00Z', now)).toBe('in 3 d');
  expect(until('2026-01-01T11:59:59Z', now)).toBe('overdue');
});
