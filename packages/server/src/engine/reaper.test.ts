import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reaper } from './reaper.ts';

class Away extends Error {}

let executors: string[];
let waiting: boolean;
let done: string[];
let failure: Error | undefined;
let logged: string[];
let held: boolean;
let leases: number[];
let reconciled: number;
let reaper: Reaper;

beforeEach(() => {
  vi.useFakeTimers();
  [executors, waiting, done, failure, logged, held] = [[], false, [], undefined, [], true];
  [leases, reconciled] = [[7, 8], 0];
  reaper = new Reaper({
    engine: {
      async abandoned() {
        if (failure) throw failure;
        return { executors, waiting, leases };
      },
      async release(executor) {
        done.push(`release ${executor}`);
        executors = executors.filter((other) => other !== executor);
        return 1;
      },
      async adopt() {
        done.push('adopt');
        waiting = false;
        return 1;
      },
    },
    log: (level) => logged.push(level),
    confirmLease: () => (held ? Promise.resolve() : new Promise(() => {})),
    isAway: (error) => error instanceof Away,
    reconcile: async () => {
      if (failure) throw failure;
      reconciled += 1;
    },
  });
});
afterEach(() => {
  void reaper.stop();
  vi.useRealTimers();
});

test('an executor without a lease is dead at the second look, which comes soon', async () => {
  executors = ['a'];
  reaper.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(400);
  expect(done).toEqual(['release a', 'adopt']);
});

test('one that has its lease again at the second look is not', async () => {
  executors = ['a'];
  reaper.start();
  await vi.advanceTimersByTimeAsync(0);
  executors = [];
  await vi.advanceTimersByTimeAsync(400);
  executors = ['a'];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(400);
  expect(done).toEqual(['release a', 'adopt']);
});

test('work that somebody released and did not adopt is adopted', async () => {
  waiting = true;
  reaper.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toEqual(['adopt']);
});

test('with nothing abandoned it looks once a second', async () => {
  reaper.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
});

test('a server that lost its own lease takes nothing over', async () => {
  held = false;
  executors = ['a'];
  waiting = true;
  reaper.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toEqual([]);
});

test('it goes on after a failure, and says nothing of a database that is away', async () => {
  failure = new Away();
  reaper.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(logged).toEqual([]);
  failure = new Error('defect');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(logged).toEqual(['error']);
  failure = undefined;
  waiting = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(done).toEqual(['adopt']);
});

test('what servers left outside of workflows is looked for at the start, when one is gone, and now and then', async () => {
  reaper.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reconciled).toBe(1);
  leases = [7, 8, 9];
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reconciled).toBe(1);
  leases = [7, 9];
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reconciled).toBe(2);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(reconciled).toBe(8);
});
