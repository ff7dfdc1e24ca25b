import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketFloorMs, bucketMs, bucketOf, buckets } from './histogram.ts';

const times = fc.double({ min: 0, max: 4_000_000, noNaN: true });

test('the buckets are numbered from 0, without a gap, in the order of their times', () => {
  expect(bucketOf(0)).toBe(0);
  expect(buckets).toBe(768);
  for (let bucket = 0; bucket < buckets; bucket++) {
    expect(bucketOf(bucketFloorMs(bucket))).toBe(bucket);
    expect(bucketFloorMs(bucket + 1)).toBeGreaterThan(bucketFloorMs(bucket));
  }
});

test('a time lies in its bucket, whose value is at most 1.6 % away from it, or 8 µs', () => {
  fc.assert(
    fc.property(times, (ms) => {
      const bucket = bucketOf(ms);
      expect(bucketFloorMs(bucket)).toBeLessThanOrEqual(ms);
      expect(bucketFloorMs(bucket + 1)).toBeGreaterThan(ms);
      expect(Math.abs(bucketMs(bucket) - ms)).toBeLessThanOrEqual(Math.max(ms * 0.016, 0.008));
    }),
  );
});

test('what is no time at all is counted as none, and what is too long as the longest', () => {
  for (const ms of [-1, Number.NaN, Number.NEGATIVE_INFINITY]) expect(bucketOf(ms)).toBe(0);
  expect(bucketOf(Number.MAX_VALUE)).toBe(buckets - 1);
});
