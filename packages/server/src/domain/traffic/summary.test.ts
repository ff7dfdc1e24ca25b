import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minuteMs, stepMs } from './collect.ts';
import { nothingCounted } from './counted.ts';
import { latenciesOf } from './counted-scene.ts';
import { knownUntil, summary, windowOf } from './summary.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');

test('rates and percentiles are those of all together', () => {
  const quick = { ...nothingCounted, requests: 98, latencies: latenciesOf(Array(98).fill(10)) };
  const bad = {
    ...nothingCounted,
    requests: 2,
    serviceErrors: 1,
    routerErrors: 1,
    aborted: 5,
    latencies: latenciesOf([500, 500]),
  };
  const found = summary([quick, bad], 50_000);
  expect(found).toMatchObject({ requests: 100, failed: 2, errorRate: 0.02, perSecond: 2 });
  expect(found.p50Ms).toBeCloseTo(10, 0);
  expect(found.p95Ms).toBeCloseTo(10, 0);
  expect(found.p99Ms).toBeGreaterThan(490);
});

test('of nothing there is no percentile, and no rate but 0', () => {
  expect(summary([], 0)).toMatchObject({
    requests: 0,
    failed: 0,
    errorRate: 0,
    perSecond: 0,
    p50Ms: null,
    p99Ms: null,
  });
  expect(summary([{ ...nothingCounted, requests: 3 }], 691_200_000)).toMatchObject({ perSecond: 0.0000043 });
});

test('a window holds what was asked for, in whole points of whole steps, not too many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 691_200 }), fc.nat({ max: 86_400_000 }), (seconds, later) => {
      const now = noon + later;
      const { from, to, pointMs } = windowOf(now, seconds);
      expect(to).toBe(now);
      expect(now - from).toBeGreaterThanOrEqual(seconds * 1_000);
      expect(now - from).toBeLessThan(seconds * 1_000 + pointMs);
      expect(from % pointMs).toBe(0);
      expect(pointMs % (seconds > 2_400 ? minuteMs : stepMs)).toBe(0);
      expect((now - from) / pointMs).toBeLessThanOrEqual(241);
    }),
  );
});

test('what is known ends with the last look while there is one after another, else now', () => {
  expect(knownUntil(noon - 2_000, noon)).toBe(noon - 2_000);
  for (const lookedAt of [null, noon - 30_000, noon + 5_000]) expect(knownUntil(lookedAt, noon)).toBe(noon);
});
