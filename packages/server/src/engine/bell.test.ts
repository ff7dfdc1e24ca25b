import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Bell } from './bell.ts';

/** A bell whose work ends when told to. */
function scene() {
  const ends: (() => void)[] = [];
  const bell = new Bell(() => new Promise((resolve) => ends.push(resolve)));
  return { bell, ends };
}

test('rung while it works, however often, it works once more', async () => {
  const { bell, ends } = scene();
  bell.ring();
  bell.ring();
  await setImmediate();
  expect(ends).toHaveLength(1);
  for (let times = 0; times < 3; times += 1) bell.ring();
  await setImmediate();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await setImmediate();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await bell.quiet();
  expect(ends).toHaveLength(2);
});

test('it is quiet only when the work is over that it was rung for last', async () => {
  const { bell, ends } = scene();
  await bell.quiet();
  bell.ring();
  await setImmediate();
  let quiet = false;
  const waiting = bell.quiet().then(() => {
    quiet = true;
  });
  bell.ring();
  ends[0]?.();
  await setImmediate();
  expect(quiet).toBe(false);
  ends[1]?.();
  await waiting;
});

test('it can be rung again after it was quiet, also by its own work', async () => {
  let rounds = 0;
  const bell: Bell = new Bell(async () => {
    rounds += 1;
    if (rounds < 3) bell.ring();
  });
  bell.ring();
  await bell.quiet();
  expect(rounds).toBe(3);
  bell.ring();
  await bell.quiet();
  expect(rounds).toBe(4);
});
