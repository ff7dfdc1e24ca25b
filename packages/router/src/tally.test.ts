import { bucketOf } from '@towpath/contract/histogram';
import { expect, test } from 'vitest';
import { Tally } from './tally.ts';

test('an answer is counted by the class of its status, a switch of protocols by the request alone', () => {
  const tally = new Tally({ now: 1 }, 4);
  for (const status of [101, 200, 204, 302, 404, 500, 503]) tally.answered(status);
  for (const status of [408, 502]) tally.answeredInstead(status);
  for (const count of ['left', 'connectionFailed', 'cut', 'broke', 'aborted', 'streamed'] as const) tally[count]();
  expect(tally.snapshot()).toEqual({
    requests: 10,
    status2xx: 2,
    status3xx: 1,
    status4xx: 2,
    status5xx: 3,
    connectionFailures: 1,
    cut: 1,
    routerErrors: 1,
    broken: 1,
    aborted: 2,
    streams: 1,
    latencies: [],
    since: 4,
  });
});

test('times are counted in buckets, those that are empty left out', () => {
  const tally = new Tally({ now: 1 }, 4);
  for (const ms of [20, 3, 20, 0]) tally.timed(ms);
  expect(tally.snapshot().latencies).toEqual([0, 1, bucketOf(3), 1, bucketOf(20), 2]);
});

test('the text is of now, and the change as late as the clock says', () => {
  const clock = { now: 1 };
  const tally = new Tally(clock, 4);
  expect(tally.changedAt).toBe(0);
  for (const now of [1, 7]) {
    clock.now = now;
    tally.timed(1);
    expect(tally.changedAt).toBe(now);
    expect(JSON.parse(tally.text())).toEqual(tally.snapshot());
  }
});
