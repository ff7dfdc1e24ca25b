import { expect, test } from 'vitest';
import { Limit } from './limit.ts';

test('what a bucket holds may be taken at once, and comes back with time', () => {
  const limit = new Limit(60, 3);
  expect([1, 2, 3, 4].map(() => limit.take('ann', 0).allowed)).toEqual([true, true, true, false]);
  expect(limit.take('ann', 999)).toEqual({ allowed: false, remaining: 0, resetSeconds: 1 });
  expect(limit.take('ann', 1_000)).toEqual({ allowed: true, remaining: 0, resetSeconds: 1 });
  expect(limit.look('ann', 600_000)).toEqual({ allowed: true, remaining: 3, resetSeconds: 0 });
});

test('one does not take from another', () => {
  const limit = new Limit(60, 1);
  limit.take('ann', 0);
  expect(limit.take('ben', 0).allowed).toBe(true);
});

test('names that come and go fill no memory, and who is at the limit is not forgotten for them', () => {
  const limit = new Limit(1, 1);
  limit.take('mallory', 0);
  for (let name = 0; name < 9_000; name++) limit.take(`visitor-${name}`, 1);
  expect(limit.take('mallory', 2).allowed).toBe(false);
  for (let name = 0; name < 100_000; name++) limit.take(`other-${name}`, 3);
  expect(limit.take('other-99999', 4).allowed).toBe(false);
});
