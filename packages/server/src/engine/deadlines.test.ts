import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { FakeChanges } from './testing/changes.ts';

class Away extends Error {}

const day = 24 * 3_600_000;
let waits: Date[];
let ended: { deadline: Date; at: Date }[];
let looks: number;
let failures: Error[];
let stuck: boolean;
let logged: string[];
let changes: FakeChanges;
let deadlines: Deadlines<string>;

beforeEach(() => {
  vi.useFakeTimers();
  [waits, ended, looks, failures, stuck, logged] = [[], [], 0, [], false, []];
  changes = new FakeChanges();
  deadlines = new Deadlines({
    source: {
      name: 'approvals',
      topics: ['stage'],
      async next() {
        return waits.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
      },
      async due(now) {
        looks += 1;
        const failure = failures.shift();
        if (failure) throw failure;
        if (stuck) return;
        const over = waits.filter((deadline) => deadline <= now);
        waits = waits.filter((deadline) => deadline > now);
        ended.push(...over.map((deadline) => ({ deadline, at: now })));
      },
    },
    changes,
    log: (level, message) => logged.push(`${level} ${message}`),
    isAway: (error) => error instanceof Away,
  });
});
afterEach(async () => {
  await deadlines.stop();
  vi.useRealTimers();
});

const later = (ms: number) => new Date(Date.now() + ms);

test('a wait of 40 days ends at its deadline, not before', async () => {
  const deadline = later(40 * day);
  waits = [deadline];
  deadlines.start();
  await vi.advanceTimersByTimeAsync(40 * day - 1);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toEqual([{ deadline, at: deadline }]);
  expect(looks).toBeLessThan(40 * 24 + 10);
});

test('a nearer deadline that a change tells of is met', async () => {
  waits = [later(10 * day)];
  deadlines.start();
  await vi.advanceTimersByTimeAsync(1_000);
  const nearer = later(5_000);
  waits.push(nearer);
  changes.tell('stage');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ended).toEqual([{ deadline: nearer, at: nearer }]);
});

test('one that nobody told of is met within the hour', async () => {
  deadlines.start();
  await vi.advanceTimersByTimeAsync(0);
  waits = [later(1_000)];
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ended).toHaveLength(1);
});

test('deadlines that passed while no server ran are met at the start', async () => {
  waits = [later(-3 * day)];
  deadlines.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toHaveLength(1);
});

test('after a failure it looks again soon', async () => {
  failures = [new Away(), new Error('defect')];
  waits = [later(0)];
  deadlines.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ended).toHaveLength(1);
  expect(logged).toEqual(['warn approvals: the database is away', 'error approvals: looking for deadlines failed']);
});

test('a deadline that stays due is not asked for in a hot loop', async () => {
  waits = [later(0)];
  stuck = true;
  deadlines.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBeLessThan(15);
});
