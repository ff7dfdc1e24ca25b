import { describe, expect, test } from 'vitest';
import { type Bench, perform, type Scope } from './bench.ts';
import { plain } from './row.ts';

const rows = [plain({ name: 'it', value: 1, unit: 'ms' })];
const never = () => new Promise<never>(() => {});
const bench = (run: Bench['run'], limitMs = 60_000): Bench => ({ summary: 'it', limitMs, run });
const calm = new AbortController().signal;

describe('a bench', () => {
  test('ends what it set up, the last first, before its rows are out', async () => {
    const ended: string[] = [];
    const run = async (scope: Scope) => {
      scope.defer(() => ended.push('first'));
      scope.defer(async () => ended.push('second'));
      return rows;
    };
    expect(await perform(bench(run), calm)).toBe(rows);
    expect(ended).toEqual(['second', 'first']);
  });

  test.each([
    ['fails', bench(() => Promise.reject(new Error('out of luck'))), calm, 'out of luck'],
    ['takes too long', bench(never, 20), calm, 'gave up after 0.02 s'],
    ['is interrupted before', bench(never), AbortSignal.abort(), 'interrupted'],
    ['is interrupted meanwhile', bench(never), AbortSignal.timeout(20), 'interrupted'],
  ])('ends what it set up when it %s', async (_how, { run, ...rest }, signal, why) => {
    let ended = 0;
    const set = (scope: Scope) => {
      scope.defer(() => {
        ended += 1;
      });
      return run(scope);
    };
    await expect(perform({ ...rest, run: set }, signal)).rejects.toThrow(why);
    expect(ended).toBe(1);
  });

  test('ends at once what it sets up after it was given up', async () => {
    let ended = 0;
    const late = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const run = async (scope: Scope) => {
      await late.promise;
      scope.defer(() => {
        ended += 1;
      });
      done.resolve();
      return rows;
    };
    await expect(perform(bench(run, 20), calm)).rejects.toThrow('gave up');
    late.resolve();
    await done.promise;
    expect(ended).toBe(1);
  });

  test('ends everything, and then tells the first ending that failed', async () => {
    let ended = 0;
    const run = async (scope: Scope) => {
      scope.defer(() => {
        ended += 1;
      });
      scope.defer(() => {
        throw new Error('left something behind');
      });
      return rows;
    };
    await expect(perform(bench(run), calm)).rejects.toThrow('left something behind');
    expect(ended).toBe(1);
  });
});
