import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { oldWorkflows, Retention } from './retention.ts';

class Away extends Error {}

const now = Date.UTC(2026, 0, 31);
let asked: string[];
let failure: Error | undefined;
let logged: string[];
let retention: Retention;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, failure, logged] = [[], undefined, []];
  retention = new Retention({
    kept: [
      oldWorkflows({
        async forget(endedBefore) {
          asked.push(endedBefore.toISOString().slice(0, 10));
          if (failure) throw failure;
          return 3;
        },
      }),
      { what: 'nothing', forget: async () => null },
    ],
    log: (level) => logged.push(level),
    isAway: (error) => error instanceof Away,
    now: () => now,
  });
  retention.start();
});
afterEach(async () => {
  await retention.stop();
  vi.useRealTimers();
});

test('each hour, what ended more than a week ago is forgotten', async () => {
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(asked).toEqual(['2026-01-24', '2026-01-24']);
  expect(logged).toEqual(['info', 'info']);
});

test('a database that is away is tried again, anything else is said', async () => {
  failure = new Away();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(logged).toEqual([]);
  failure = new Error('no');
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(logged).toEqual(['error']);
  expect(asked).toHaveLength(2);
});

test('once stopped, nothing is forgotten', async () => {
  await retention.stop();
  await vi.advanceTimersByTimeAsync(10 * 3_600_000);
  expect(asked).toEqual([]);
});
