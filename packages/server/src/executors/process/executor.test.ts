import { describe, expect, it } from 'vitest';
import { stateOf } from './executor.ts';

const code = (number: number) => ({ code: number, signal: null });

describe('the state of a command', () => {
  it.each(['starting', 'running', 'stopping'] as const)('is running while its task is %s', (phase) => {
    expect(stateOf({ phase, exit: null, reason: 'cannot be started: disk full' })).toEqual({
      status: 'running',
      exitCode: null,
      reason: null,
    });
  });

  it.each([
    ['its code', code(0), null, 0, null],
    ['its code', code(1), 'exited with code 1', 1, null],
    ['its signal', { code: null, signal: 'SIGKILL' }, 'ended by SIGKILL', null, 'ended by SIGKILL'],
    ['the time-out, not the code that it left with', code(0), 'ran longer than 1 s', null, 'ran longer than 1 s'],
    ['why there is no exit', null, 'its shim was killed', null, 'its shim was killed'],
  ])('tells %s', (_, exit, reason, exitCode, told) => {
    expect(stateOf({ phase: 'exited', exit, reason })).toEqual({ status: 'exited', exitCode, reason: told });
  });

  it('is cancelled whatever it left with', () => {
    expect(stateOf({ phase: 'stopped', exit: code(0), reason: null })).toEqual({
      status: 'cancelled',
      exitCode: null,
      reason: null,
    });
  });
});
