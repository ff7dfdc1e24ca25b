import type { TrafficView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { axisTop, chartsOf, pathOf } from './chart.ts';

const point = (at: string, perSecond: number, failed = 0) => ({
  ...{ at, requests: perSecond * 10, failed, perSecond, p50Ms: 1, p95Ms: 2, p99Ms: 3 },
});
const release = (
  version: number,
  points: TrafficView['releases'][number]['points'],
): TrafficView['releases'][number] => ({
  ...{ version, live: true, requests: 0, failed: 0, perSecond: 0, errorRate: 0, p50Ms: null, p95Ms: null, p99Ms: null },
  ...{ failures: { service: 0, router: 0, broken: 0 }, aborted: 0, streams: 0, points },
});
const view: TrafficView = {
  ...{ service: 'api', environment: 'production', pointSeconds: 10, delayMs: 2_000 },
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-01T00:00:30.000Z',
  releases: [
    release(3, [point('2026-01-01T00:00:10.000Z', 4, 1), point('2026-01-01T00:00:20.000Z', 5)]),
    release(2, [point('2026-01-01T00:00:00.000Z', 8)]),
    release(1, [point('2026-01-01T00:00:00.000Z', 1)]),
  ],
};

test('a moment without requests is nothing a second, and has neither failures nor times', () => {
  const { times, charts, releases } = chartsOf(view);
  expect(times).toHaveLength(3);
  expect(releases).toEqual(['v3', 'v2']);
  const values = charts.map(({ lines }) => lines.map((line) => [line.name, ...line.values]));
  expect(values[0]).toEqual([
    ['v3', 0, 4, 5],
    ['v2', 8, 0, 0],
  ]);
  expect(values[1]?.[0]).toEqual(['v3', null, 0.025, 0]);
  expect(values[2]?.map(([name]) => name)).toEqual(['v3 p50', 'v3 p95', 'v3 p99', 'v2 p50', 'v2 p95', 'v2 p99']);
});

test('an axis ends at a round number above all values', () => {
  const line = (...values: (number | null)[]) => [
    { name: 'v1', word: null, release: 0, stroke: 'whole' as const, values },
  ];
  expect(axisTop(line(3, null), 1)).toBe(5);
  expect(axisTop(line(20), 1)).toBe(20);
  expect(axisTop(line(0.012), 0.01)).toBeCloseTo(0.02);
  expect(axisTop(line(null), 1)).toBe(1);
});

test('a path is parted where nothing was measured, and a lone point is seen', () => {
  const path = pathOf(
    [1, 2, null, 3],
    (index) => index,
    (value) => value,
  );
  expect(path).toBe('M0.0 1.0L1.0 2.0M3.0 3.0h0.1');
});
