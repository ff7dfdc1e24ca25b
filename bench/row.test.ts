import { describe, expect, test } from 'vitest';
import { atLeast, atMost, plain, quantile, table } from './row.ts';

test('a number holds up to its bar, or from its bar on', () => {
  const of = (value: number) => ({ name: 'it', value, unit: 'ms' });
  expect([14.9, 15, 15.001].map((value) => atMost(15, of(value)).ok)).toEqual([true, true, false]);
  expect([1_199.999, 1_200, 1_201].map((value) => atLeast(1_200, of(value)).ok)).toEqual([false, true, true]);
  expect(plain(of(1)).ok).toBeNull();
});

test('a row is what the file promises, in two decimals', () => {
  expect(JSON.stringify(atMost(15, { name: 'stage', value: 8.1274, unit: 'ms p50', against: 'bare: 1 ms' }))).toBe(
    '{"name":"stage","value":8.13,"unit":"ms p50","against":"bare: 1 ms","bar":15,"ok":true}',
  );
  expect(plain({ name: 'up', value: 2, unit: 'ms' })).toEqual({
    name: 'up',
    value: 2,
    unit: 'ms',
    against: null,
    bar: null,
    ok: null,
  });
});

test('the table says what was missed', () => {
  const rows = [
    atMost(15, { name: 'stage', value: 8.5, unit: 'ms p50', against: 'bare: 1 ms' }),
    atLeast(1_200, { name: 'burst', value: 900, unit: 'runs/min' }),
    plain({ name: 'up-first', value: 2_000, unit: 'ms' }),
  ];
  expect(table(rows).split('\n')).toEqual([
    'name      value  unit       bar          against',
    'stage       8.5  ms p50      15  ok      bare: 1 ms',
    'burst       900  runs/min  1200  MISSED',
    'up-first   2000  ms           –',
    '',
  ]);
});

describe('quantile', () => {
  test.each([
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2],
    [[5], 0.95, 5],
    [Array.from({ length: 20 }, (_, index) => index + 1), 0.95, 19],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  test('of nothing there is none', () => {
    expect(() => quantile([], 0.5)).toThrow('nothing');
  });
});
