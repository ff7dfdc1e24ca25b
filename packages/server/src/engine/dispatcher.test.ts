import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Dispatcher, type Lane } from './dispatcher.ts';
import { FakeChanges } from './testing/changes.ts';

class Away extends Error {}

let logged: string[];
let changes: FakeChanges;
let dispatcher: Dispatcher<string>;

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  changes = new FakeChanges();
});
afterEach(async () => {
  await dispatcher.stop();
  vi.useRealTimers();
});

/** Starts a dispatcher; `calls` counts by lane. */
async function start(lanes: readonly Omit<Lane<string>, 'dispatch'>[], dispatch: (name: string) => Promise<void>) {
  const calls: Record<string, number> = {};
  dispatcher = new Dispatcher({
    lanes: lanes.map((lane) => ({
      ...lane,
      dispatch() {
        calls[lane.name] = (calls[lane.name] ?? 0) + 1;
        return dispatch(lane.name);
      },
    })),
    changes,
    log: (level, message) => logged.push(`${level} ${message}`),
    isAway: (error) => error instanceof Away,
  });
  dispatcher.start();
  await settle();
  return calls;
}
const settle = () => vi.advanceTimersByTimeAsync(0);
const lanes = [
  { name: 'runs', topics: ['run', 'queue'] },
  { name: 'deployments', topics: ['deployment'] },
];

test('it dispatches at the start, on a change of the lane, and in each sweep', async () => {
  const calls = await start(lanes, async () => {});
  expect(calls).toEqual({ runs: 1, deployments: 1 });
  changes.tell('queue');
  await settle();
  expect(calls).toEqual({ runs: 2, deployments: 1 });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(calls).toEqual({ runs: 4, deployments: 3 });
});

test('a lane that hangs does not keep the others', async () => {
  let end = () => {};
  const calls = await start(lanes, (name) =>
    name === 'runs'
      ? new Promise((resolve) => {
          end = resolve;
        })
      : Promise.resolve(),
  );
  changes.tell('run');
  changes.tell('deployment');
  await settle();
  expect(calls).toEqual({ runs: 1, deployments: 2 });
  end();
  await settle();
  expect(calls).toEqual({ runs: 2, deployments: 2 });
  end();
});

test('a failure is logged and tried again with the next sweep', async () => {
  const errors = [new Away(), new Error('defect')];
  const calls = await start([{ name: 'runs', topics: [] }], async () => {
    const error = errors.shift();
    if (error) throw error;
  });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(calls).toEqual({ runs: 3 });
  expect(logged).toEqual(['warn runs: the database is away', 'error runs: the dispatch failed']);
});

test('stopped, it hears no more, and the dispatch in progress has ended', async () => {
  let ended = false;
  const calls = await start(lanes, async () => {
    await Promise.resolve();
    ended = true;
  });
  changes.tell('run');
  await dispatcher.stop();
  expect(ended).toBe(true);
  const before = { ...calls };
  changes.tell('run');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(calls).toEqual(before);
});
