import { describe, expect, test } from 'vitest';
import { judgeReadiness, type Seen } from './readiness.ts';

const replica = (changes: Partial<Seen> = {}): Seen => ({
  index: 0,
  phase: 'running',
  ends: 0,
  reason: null,
  port: 20_000,
  listens: [20_000],
  health: 'healthy',
  probeError: null,
  ...changes,
});
const judge = (seen: readonly Seen[], elapsedMs = 0, wanted = 1) =>
  judgeReadiness(seen, wanted, elapsedMs, 60_000, '/health');

describe('judgeReadiness', () => {
  test('ready when as many as wanted are healthy', () => {
    expect(judge([replica(), replica({ index: 1 })], 0, 2)).toEqual({ verdict: 'ready' });
    expect(judge([replica()], 0, 2).verdict).toBe('wait');
  });

  test('nothing wanted is ready at once', () => {
    expect(judge([], 0, 0)).toEqual({ verdict: 'ready' });
  });

  test('healthy counts only while it runs', () => {
    expect(judge([replica({ phase: 'stopping' })]).verdict).toBe('wait');
  });

  test('the third end is the verdict, with the reason of the platform', () => {
    const ended = replica({ phase: 'backoff', health: 'unknown', listens: [], reason: 'exited with code 1' });
    expect(judge([{ ...ended, ends: 2 }]).verdict).toBe('wait');
    expect(judge([{ ...ended, ends: 3 }])).toEqual({ verdict: 'failed', reason: 'exited with code 1' });
  });

  test('a fixed port is named, once the program has settled', () => {
    const fixed = replica({ listens: [8080], health: 'unknown' });
    expect(judge([fixed], 1_000).verdict).toBe('wait');
    const verdict = judge([fixed], 6_000);
    expect(verdict).toMatchObject({ verdict: 'failed' });
    expect(verdict).toHaveProperty('reason', expect.stringContaining('listens on 8080, not on $PORT (20000)'));
  });

  test('another port beside the right one is fine', () => {
    expect(judge([replica({ listens: [9229, 20_000], health: 'unknown' })], 30_000).verdict).toBe('wait');
  });

  test('at the deadline says what was waited for', () => {
    const slow = replica({ health: 'unhealthy', probeError: 'status 500' });
    expect(judge([slow], 60_000)).toEqual({
      verdict: 'failed',
      reason: 'not healthy within 60 s: GET /health on replica 1: status 500',
    });
  });
});
