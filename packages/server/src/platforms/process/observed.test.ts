import type { ProcessState } from '@towpath/contract/supervisor';
import { describe, expect, it } from 'vitest';
import { isStillborn, knownReplica, observedReplica } from './observed.ts';

function state(rest: Partial<ProcessState> = {}): ProcessState {
  return {
    key: 'target/7:release/12:http:1.2',
    owner: 'target/7',
    mode: 'service',
    phase: 'running',
    pid: 100,
    exit: null,
    reason: null,
    restarts: 0,
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: null,
    nextStartAt: null,
    port: 20_001,
    listens: [20_001],
    logBytes: 0,
    ...rest,
  };
}

describe('a replica as the supervisor tells of it', () => {
  it('is named by its key', () => {
    expect(observedReplica(state())).toEqual({
      id: 'target/7:release/12:http:1.2',
      release: 'release/12',
      type: 'http',
      process: 'http',
      index: 1,
      phase: 'running',
      address: { host: '127.0.0.1', port: 20_001 },
      restarts: 0,
      reason: null,
      lastEnd: null,
      listens: [20_001],
    });
    expect(knownReplica(state({ phase: 'stopped', endedAt: '1970-01-01T00:00:01.000Z' }))).toEqual({
      name: { target: 'target/7', release: 'release/12', type: 'http', process: 'http', index: 1, life: 2 },
      phase: 'stopped',
      stillborn: false,
      endedAt: 1_000,
    });
  });

  it('is none when the key is not one of ours', () => {
    expect(observedReplica(state({ key: 'run/3:build:1' }))).toBeNull();
    expect(knownReplica(state({ key: 'run/3:build:1' }))).toBeNull();
  });

  it.each([
    ['its first end', { reason: 'exited with code 1', restarts: 1 }, 'exited with code 1'],
    ['its ends, counted', { reason: 'ended by SIGKILL', restarts: 3 }, 'ended by SIGKILL, 3 times'],
    ['an end without an error', { exit: { code: 0, signal: null }, restarts: 2 }, 'exited with code 0, 2 times'],
    [
      'what keeps it from starting, not counted',
      { reason: 'port 20001 is in use', restarts: 3 },
      'port 20001 is in use',
    ],
  ])('tells %s', (_, rest, reason) => {
    expect(observedReplica(state({ phase: 'backoff', ...rest }))?.reason).toBe(reason);
  });

  it.each([
    [{ code: 1, signal: null }, 1, 'exited with code 1'],
    [{ code: 0, signal: null }, 2, 'exited with code 0, 2 times'],
    [{ code: null, signal: 'SIGKILL' }, 3, 'ended by SIGKILL, 3 times'],
    [null, 1, null],
  ])('that runs again is known to have ended: %j', (exit, restarts, lastEnd) => {
    expect(observedReplica(state({ exit, restarts }))).toMatchObject({ reason: null, lastEnd });
  });

  it('is stillborn when its port was taken before it ever ran', () => {
    const taken = { phase: 'backoff', reason: 'port 20001 is in use by pid 7 (nginx)' } as const;
    expect(isStillborn(state({ ...taken, startedAt: null }))).toBe(true);
    expect(isStillborn(state(taken))).toBe(false);
    expect(isStillborn(state({ phase: 'backoff', startedAt: null, reason: 'cannot be started: disk full' }))).toBe(
      false,
    );
    expect(isStillborn(state({ phase: 'stopped', startedAt: null, reason: taken.reason }))).toBe(false);
  });
});
