import { expect, test } from 'vitest';
import { usableMs } from './pool.ts';

test.each([
  ['a replica that says nothing is taken for one of 5 s', 30_000, null, 4_000],
  ['its word is kept with a margin', 30_000, 15_000, 14_000],
  ['a short word with half of it', 30_000, 1_000, 500],
  ['none at all', 30_000, 0, 0],
  ['the router’s own limit is not passed', 2_500, 60_000, 2_500],
])('%s', (_name, idleMs, keepAliveMs, usable) => {
  expect(usableMs(idleMs, keepAliveMs)).toBe(usable);
});
