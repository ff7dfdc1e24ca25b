import { bucketOf } from '@towpath/contract/histogram';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exposition, trafficFamilies } from './metrics.ts';

const stats = {
  ...{ requests: 10, status2xx: 5, status3xx: 1, status4xx: 1, status5xx: 2 },
  ...{ connectionFailures: 1, cut: 0, routerErrors: 1, broken: 3, aborted: 4, streams: 5 },
  since: 1,
  latencies: [bucketOf(0.5), 2, bucketOf(3), 1, bucketOf(200), 4, bucketOf(100_000), 1],
};
const labels = { service: 'api', release: 'v3' };

test('requests are told by status, times in cumulative buckets', () => {
  const text = exposition(trafficFamilies([{ labels, stats }]));
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('towpath'))
      .map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.split(' ').at(-1))]),
  );
  const requests = (status: string) =>
    values.get(`towpath_requests_total{service="api",release="v3",status="${status}"}`);
  expect(['2xx', '3xx', '4xx', '5xx', 'other'].map(requests)).toEqual([5, 1, 1, 2, 1]);
  const until = (le: string) =>
    values.get(`towpath_request_duration_seconds_bucket{service="api",release="v3",le="${le}"}`);
  expect(['0.001', '0.002', '0.004', '0.128', '0.256', '65.536', '+Inf'].map(until)).toEqual([2, 2, 3, 3, 7, 7, 8]);
  expect(values.get('towpath_request_duration_seconds_count{service="api",release="v3"}')).toBe(8);
  expect(values.get('towpath_request_duration_seconds_sum{service="api",release="v3"}')).toBeCloseTo(100.8, -1);
  expect(values.get('towpath_broken_answers_total{service="api",release="v3"}')).toBe(3);
});

test('every family is told of once, before its values; one without a value not at all', () => {
  const text = exposition(
    trafficFamilies([
      { labels, stats },
      { labels: { service: 'web' }, stats },
    ]),
  );
  expect(text.match(/^# TYPE towpath_streams_total counter$/gm)).toHaveLength(1);
  expect(exposition(trafficFamilies([]))).toBe('');
});

test('a label is one line, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = exposition([{ name: 'a', type: 'gauge', help: 'h', samples: [{ labels: { value }, value: 1 }] }]);
      const [, written = ''] = /^a\{value="((?:[^"\\\n]|\\["\\n])*)"\} 1$/m.exec(text) ?? [];
      expect(written.replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each))).toBe(value);
    }),
  );
});
