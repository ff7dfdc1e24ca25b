import { expect, test } from 'vitest';
import { exitCodeOf } from './job.ts';

test.each([
  ['its own code', { status: 'succeeded', exitCode: 0, reason: null }, 0],
  ['its own code, also of a failure', { status: 'failed', exitCode: 7, reason: 'exited with code 7' }, 7],
  ['130 when it was cancelled', { status: 'cancelled', exitCode: null, reason: 'cancelled by ada' }, 130],
  ['124 when its time was over', { status: 'failed', exitCode: null, reason: 'ran longer than 30 min' }, 124],
  ['1 for what else ended it', { status: 'failed', exitCode: null, reason: 'ended by SIGKILL' }, 1],
] as const)('a job ends with %s', (_, job, code) => {
  expect(exitCodeOf(job)).toBe(code);
});
