import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

test('so many at once, the others in the order they came', async () => {
  const semaphore = new Semaphore(2);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((index) =>
    semaphore.run(() => {
      began.push(index);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await setImmediate();
  expect(began).toEqual([0, 1]);
  expect(semaphore.queued).toBe(2);
  ends[1]?.();
  await setImmediate();
  expect(began).toEqual([0, 1, 2]);
  ends[0]?.();
  await setImmediate();
  for (const end of ends) end();
  await Promise.all(all);
  expect(began).toEqual([0, 1, 2, 3]);
});

test('an action that throws gives its permit back', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(semaphore.run(async () => 'yes')).resolves.toBe('yes');
});

test('who is aborted while waiting leaves the queue and takes no permit along', async () => {
  const semaphore = new Semaphore(1);
  let end = () => {};
  const first = semaphore.run(() => new Promise<void>((resolve) => (end = resolve)));
  const controller = new AbortController();
  const second = semaphore.run(async () => 'second', controller.signal);
  const third = semaphore.run(async () => 'third');
  controller.abort(new Error('cancelled'));
  await expect(second).rejects.toThrow('cancelled');
  await expect(semaphore.run(async () => {}, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  end();
  await first;
  await expect(third).resolves.toBe('third');
});

test('never more than its permits, and all get through, whoever gives up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ turns: fc.nat(3), abortAfter: fc.option(fc.nat(6)) }), { maxLength: 20 }),
      async (permits, visitors) => {
        const semaphore = new Semaphore(permits);
        let inside = 0;
        let most = 0;
        const visits = visitors.map(async ({ turns, abortAfter }) => {
          const controller = new AbortController();
          const visit = semaphore.run(async () => {
            inside += 1;
            most = Math.max(most, inside);
            for (let turn = 0; turn < turns; turn += 1) await setImmediate();
            inside -= 1;
          }, controller.signal);
          const settled = visit.then(
            () => 'done',
            () => 'aborted',
          );
          for (let turn = 0; turn < (abortAfter ?? 0); turn += 1) await setImmediate();
          if (abortAfter !== null) controller.abort();
          return settled;
        });
        const outcomes = await Promise.all(visits);
        expect(most).toBeLessThanOrEqual(permits);
        expect(semaphore.queued).toBe(0);
        visitors.forEach(({ abortAfter }, index) => {
          if (abortAfter === null) expect(outcomes[index]).toBe('done');
        });
        // All permits are back.
        await Promise.all(Array.from({ length: permits }, () => semaphore.run(async () => {})));
      },
    ),
    { numRuns: 100 },
  );
});
