import { expect, test } from 'vitest';
import { attempts, type Note, repeated } from './fleet.ts';

const note = (step: string, value: string): Note => ({ id: 'w', step, value, executorId: 'x' });

test('a step that was done again after its result was recorded is seen', () => {
  const fine = [note('0', 'a'), note('1', 'b'), note('1', 'c'), note('end', 'a,c')];
  expect(repeated(fine)).toEqual([]);
  expect(repeated([...fine, note('0', 'd')])).toEqual(['w 0']);
  expect(Object.fromEntries(attempts(fine))).toEqual({ 'w 0': 1, 'w 1': 2 });
});
