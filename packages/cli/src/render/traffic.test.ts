import type { TrafficView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput } from '../output.ts';
import { percent, rate, renderTraffic } from './traffic.ts';

test('rates are told in the unit in which one can picture them', () => {
  const told = [12_340, 1_000, 412.3, 10, 9.94, 0.1, 0.05, 1 / 60, 0.001, 0];
  expect(told.map(rate)).toEqual([
    ...['12.3k rps', '1.0k rps', '412 rps', '10 rps', '9.9 rps', '0.1 rps', '3/min', '1/min', '4/h', '0/min'],
  ]);
});

test('a part that is not nothing never looks like it', () => {
  expect([0, 0.000_001, 0.0002, 0.012_345, 0.123, 1].map(percent)).toEqual([
    ...['0 %', '<0.01 %', '0.02 %', '1.23 %', '12 %', '100 %'],
  ]);
});

const release = {
  version: 12,
  live: false,
  requests: 1_200,
  failed: 0,
  errorRate: 0,
  failures: { service: 0, router: 0, broken: 0 },
  aborted: 0,
  streams: 0,
  perSecond: 4,
  p50Ms: 3.42,
  p95Ms: 84,
  p99Ms: 1_250,
  points: [],
};
const view: TrafficView = {
  service: 'api',
  environment: 'production',
  from: '2026-03-01T12:00:00.000Z',
  to: '2026-03-01T12:05:00.000Z',
  pointSeconds: 10,
  delayMs: 2_000,
  releases: [],
};

function printed(shown: TrafficView): string {
  let text = '';
  const stream = { write: (piece: string) => (text += piece) };
  renderTraffic(createOutput(false, stream, stream), shown, '5m');
  return text;
}

test('the releases stand beside each other, with what went wrong below', () => {
  const bad = { failed: 3, errorRate: 0.03, failures: { service: 2, router: 1, broken: 0 }, aborted: 4, streams: 1 };
  const live = { ...release, ...bad, version: 13, live: true, requests: 100, perSecond: 0.05, p99Ms: null };
  expect(printed({ ...view, releases: [live, release] })).toBe(
    `api production  last 5m
         requests     rate   failed     p50    p95    p99
  v13 ←       100    3/min  3 (3 %)  3.4 ms  84 ms      –
  v12        1200  4.0 rps        0  3.4 ms  84 ms  1.3 s
  v13  failed: 2 by the service, 1 without one that answered, 0 broken off; 4 left by their clients; 1 streams, which are not timed
`,
  );
});

test('without a request it says so', () => {
  expect(printed(view)).toContain('No request came.');
});
