import { buckets } from '@towpath/contract/histogram';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latenciesOf, times } from './counted-scene.ts';
import {
  counted,
  furtherLatencies,
  latenciesSince,
  merged,
  packed,
  percentile,
  shareOfLatencies,
  unpacked,
} from './latencies.ts';

const latencies = times.map(latenciesOf);

describe('adding up', () => {
  test('is the same in whatever order and groups', () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (a, b, c) => {
        const all = merged([a, b, c]);
        expect(merged([merged([a, b]), c])).toEqual(all);
        expect(merged([a, merged([b, c])])).toEqual(all);
        expect(merged([c, a, b])).toEqual(all);
        expect(merged([a, []])).toEqual(a);
      }),
    );
  });

  test('of parts is as if all had been counted in one place', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(merged([latenciesOf(a), latenciesOf(b)])).toEqual(latenciesOf([...a, ...b]));
      }),
    );
  });

  test('of what was before and what came since is what is now, and since is never less than nothing', () => {
    fc.assert(
      fc.property(latencies, latencies, (before, more) => {
        const now = merged([before, more]);
        expect(latenciesSince(before, now)).toEqual(more);
        expect(merged([before, latenciesSince(before, more)])).toEqual(furtherLatencies(before, more));
        expect(counted(latenciesSince(now, before))).toBe(0);
      }),
    );
  });

  test('of even shares is the whole', () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 1, max: 40 }), (all, parts) => {
        expect(merged(Array.from({ length: parts }, (_, index) => shareOfLatencies(all, index, parts)))).toEqual(all);
      }),
    );
  });
});

describe('a percentile', () => {
  test('is at most 1.6 % away from that of the times themselves, or 8 µs', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (ms, share) => {
        const found = percentile(latenciesOf(ms), share);
        const exact = ms.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * ms.length) - 1)];
        if (exact === undefined) expect(found).toBeNull();
        else expect(Math.abs((found ?? Number.NaN) - exact)).toBeLessThanOrEqual(Math.max(exact * 0.016, 0.008));
      }),
    );
  });

  test('of several is that of their sum, which no average of theirs is', () => {
    const [quick, slow] = [latenciesOf(Array(99).fill(10)), latenciesOf([1_000])];
    expect(percentile(merged([quick, slow]), 0.5)).toBeCloseTo(10, 0);
    expect(percentile(merged([quick, slow]), 0.999)).toBeGreaterThan(980);
  });
});

describe('in bytes', () => {
  test('they come back as they were, and bytes put one behind another are the sum', () => {
    fc.assert(
      fc.property(latencies, latencies, fc.integer({ min: 1, max: 2 ** 40 }), (a, b, often) => {
        const many = a.map((each, at) => (at % 2 === 1 ? each * often : each));
        expect(unpacked(packed(many))).toEqual(many);
        expect(unpacked(Buffer.concat([packed(a), packed(b)]))).toEqual(merged([a, b]));
      }),
    );
  });

  test('any bytes are read in one go, into buckets that there are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const found = unpacked(bytes);
        for (const [at, bucket] of found.entries()) if (at % 2 === 0) expect(bucket).toBeLessThan(buckets);
      }),
    );
  });
});
