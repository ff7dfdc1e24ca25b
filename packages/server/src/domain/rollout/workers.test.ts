import { describe, expect, test } from 'vitest';
import { judgeWorkers, type SeenWorker } from './workers.ts';

const replica = (changes: Partial<SeenWorker> = {}): SeenWorker => ({
  process: 'mailer',
  index: 0,
  phase: 'running',
  ends: 0,
  steadyMs: 5_000,
  reason: null,
  ...changes,
});

const judge = (seen: readonly SeenWorker[], wanted: Record<string, number> = { mailer: 1 }, elapsedMs = 0) =>
  judgeWorkers(seen, wanted, 5_000, elapsedMs, 60_000);

describe('judgeWorkers', () => {
  test('ready when each runs for the time', () => {
    expect(judge([replica()])).toEqual({ verdict: 'ready' });
    expect(judge([replica({ steadyMs: 4_999 })])).toEqual({ verdict: 'wait', reason: 'mailer: replica 1 is running' });
  });

  test('every worker and every replica counts', () => {
    expect(judge([replica()], { mailer: 2 })).toMatchObject({ verdict: 'wait' });
    expect(judge([replica(), replica({ index: 1 })], { mailer: 2 })).toEqual({ verdict: 'ready' });
    expect(judge([replica()], { mailer: 1, clock: 1 })).toEqual({ verdict: 'wait', reason: 'clock: has not begun' });
    expect(judge([], { mailer: 0 })).toEqual({ verdict: 'ready' });
  });

  test('one that was there and is about to stop does not count', () => {
    expect(judge([replica({ phase: 'stopping' })]).verdict).toBe('wait');
  });

  test('the third end is the verdict, also of an end without an error', () => {
    const ended = replica({ phase: 'backoff', steadyMs: 0, reason: 'exited with code 0' });
    expect(judge([{ ...ended, ends: 2 }]).verdict).toBe('wait');
    expect(judge([{ ...ended, ends: 3 }])).toEqual({ verdict: 'failed', reason: 'mailer: exited with code 0' });
  });

  test('at the deadline says what was waited for', () => {
    expect(judge([replica({ phase: 'starting', steadyMs: 0 })], { mailer: 1 }, 60_000)).toEqual({
      verdict: 'failed',
      reason: 'not running steadily within 60 s: mailer: replica 1 is starting',
    });
  });
});
