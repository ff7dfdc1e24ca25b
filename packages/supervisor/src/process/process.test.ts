import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay, nextQuickDeaths, serviceBackoff, systemBackoff } from './backoff.ts';
import { membersOf } from './ending.ts';
import { parseExit, parseTaken } from './incarnation.ts';
import { inWords } from './kept.ts';
import { describeExit } from './life.ts';
import { safeName } from './names.ts';

describe('folder names', () => {
  it('are plain, short, and tell keys apart even where case does not count', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 500 }),
        fc.string({ minLength: 1 }),
        (one, other) => {
          expect(safeName(one)).toMatch(/^[a-z0-9][a-z0-9-]{0,99}$/);
          expect(safeName(one) === safeName(other)).toBe(one === other);
        },
      ),
    );
    expect(safeName('run/219:unit/staging:1')).toMatch(/^run-219-unit-staging-1-[0-9a-f]{24}$/);
    expect(safeName('A')).not.toBe(safeName('a'));
  });
});

describe('backoff', () => {
  it('doubles to its bound, and starts anew after a steady life', () => {
    let deaths = 0;
    const delays = [1, 1, 1, 1, 40_000, 1, 1].map((lived) => {
      deaths = nextQuickDeaths(serviceBackoff, deaths, lived);
      return backoffDelay(serviceBackoff, deaths);
    });
    expect(delays).toEqual([200, 400, 800, 1600, 0, 200, 400]);
    expect(backoffDelay(serviceBackoff, 1_000_000)).toBe(30_000);
    expect([1, 2, 5, 6, 99].map((n) => backoffDelay(systemBackoff, n))).toEqual([100, 200, 1600, 2000, 2000]);
  });
});

describe('what a shim leaves behind', () => {
  it.each([
    [null, { by: 'free' }],
    ['', { by: 'half' }],
    ['boot 12\n', { by: 'half' }],
    ['boot 12\n34', { by: 'half' }],
    ['nobody\n', { by: 'nobody' }],
    ['boot-1 12\n34\n', { by: 'shim', leader: { boot: 'boot-1', pid: 12, start: '34' } }],
    [
      '- 12\nSat Nov 21 11:17:01 2026    \n',
      { by: 'shim', leader: { boot: '-', pid: 12, start: 'Sat Nov 21 11:17:01 2026' } },
    ],
  ])('taken: %j', (content, taken) => {
    expect(parseTaken(content)).toEqual(taken);
  });

  it.each([
    [null, null, null],
    ['', null, null],
    ['0', null, null],
    ['0\n', { code: 0, signal: null }, null],
    ['3\n', { code: 3, signal: null }, 'exited with code 3'],
    ['137\n', { code: null, signal: 'SIGKILL' }, 'ended by SIGKILL'],
    ['143\n', { code: null, signal: 'SIGTERM' }, 'ended by SIGTERM'],
    ['255\n', { code: 255, signal: null }, 'exited with code 255'],
    ['x\n', null, null],
  ])('exit: %j', (content, exit, reason) => {
    expect(parseExit(content)).toEqual(exit);
    if (exit !== null) expect(describeExit(exit)).toBe(reason);
  });
});

describe('members of a group', () => {
  const row = (pid: number, more: object = {}) => ({
    pid,
    parent: 1,
    group: pid,
    session: pid,
    start: '1',
    marker: null,
    prints: [] as string[],
    ...more,
  });
  const group = { leader: { pid: 10, start: '1' }, marker: 'h:key', out: '8:15', pipe: '0:12' };
  const pids = (rows: ReturnType<typeof row>[], of: Parameters<typeof membersOf>[1] = group) =>
    membersOf(rows, of).map(({ pid }) => pid);

  it('are those of the group, of the session, and those with the marker', () => {
    const rows = [
      row(9),
      row(10),
      row(11, { group: 10 }),
      row(12, { session: 10 }),
      row(13, { marker: 'h:key' }),
      row(14, { marker: 'h:key2' }),
    ];
    expect(pids(rows)).toEqual([10, 11, 12, 13]);
  });

  it('are those without any marker that print to its log', () => {
    const prints = ['0:9', '8:15'];
    const rows = [row(15, { prints }), row(16, { prints, marker: 'h:other' }), row(17, { prints: ['8:1'] })];
    expect(pids([...rows, row(18, { prints: ['0:12'] })])).toEqual([15, 18]);
    expect(pids(rows, { ...group, out: null })).toEqual([]);
  });

  it('are found without their leader', () => {
    expect(pids([row(11, { group: 10, session: 10 })])).toEqual([11]);
    expect(
      pids([row(11, { group: 10, session: 10 }), row(13, { marker: 'h:key' })], { ...group, leader: null }),
    ).toEqual([13]);
  });

  it('are not those of a new group that got the number', () => {
    expect(pids([row(10, { start: '2' }), row(11, { group: 10, session: 10 }), row(13, { marker: 'h:key' })])).toEqual([
      13,
    ]);
  });

  it('are never this process or its parent', () => {
    expect(pids([row(process.pid, { marker: 'h:key' }), row(process.ppid, { marker: 'h:key' })])).toEqual([]);
  });
});

it('says durations in words', () => {
  expect([250, 1_500, 90_000, 1_800_000].map(inWords)).toEqual(['250 ms', '1.5 s', '90 s', '30 min']);
});
