import { Status, type TestReport } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { changeParts } from './changes.ts';
import { command } from './commands.ts';
import { firstFailure } from './first-failure.ts';
import { LogLines } from './log-lines.ts';
import { logLink, readLogLink } from './log-link.ts';
import { merged } from './merged.ts';
import { looks } from './status.ts';
import { clockCheck, systemSentence } from './system.ts';

test('no two states of one colour have one shape', () => {
  const seen = Status.options.map((status) => `${looks[status].tone} ${looks[status].shape}`);
  expect(new Set(seen).size).toBe(seen.length);
});

describe('the address of lines of a log', () => {
  test.each([
    ['#unit', { stage: 'unit', attempt: null, lines: null }],
    ['#unit:120', { stage: 'unit', attempt: null, lines: [120, 120] }],
    ['#deploy/staging@2:7-12', { stage: 'deploy/staging', attempt: 2, lines: [7, 12] }],
  ] as const)('%s', (hash, link) => {
    expect(readLogLink(hash)).toEqual(link);
    expect(logLink(link)).toBe(hash);
  });

  test.each(['', '#', '#Unit', '#unit:', '#unit:x', '#%E0%A4%A'])('%j is none', (hash) => {
    expect(readLogLink(hash)).toBeNull();
  });

  test('lines the wrong way round are one line', () => {
    expect(readLogLink('#unit:9-3')?.lines).toEqual([9, 9]);
  });
});

test('a command is what would be typed: quoted where a shell would take it apart', () => {
  expect(command('rollback', ['shop/api'], { e: 'staging', to: undefined, reason: "it's wrong; rm -rf /" })).toBe(
    `towpath rollback shop/api -e staging --reason 'it'\\''s wrong; rm -rf /'`,
  );
  expect(command('approve', [3], { decline: true, comment: '' })).toBe('towpath approve 3 --decline');
});

describe('where a failed log is begun to be read', () => {
  const lines = (text: string): LogLines => {
    const found = new LogLines();
    found.append(text);
    return found;
  };
  const report = (name: string): TestReport => ({
    tool: 'vitest',
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: [{ name, message: '', at: null }],
    moreFailures: 0,
  });

  test('where the first failed test is told as failed', () => {
    const log = lines('run adds tax\nerror somewhere\n ✗ adds tax\n');
    expect(firstFailure(log, report('cart › adds tax'))).toBe(2);
  });
  test('where it is named at all', () => {
    expect(firstFailure(lines('error\nadds tax\n'), report('cart › adds tax'))).toBe(1);
  });
  test('where an error is spoken of', () => {
    expect(firstFailure(lines('fine\nsrc/a.ts:3: error TS2322\nmore\n'), null)).toBe(1);
  });
  test('else at the end; nowhere in nothing', () => {
    expect(firstFailure(lines('a\nb\n'), null)).toBe(1);
    expect(firstFailure(lines(''), null)).toBeNull();
  });
});

test('clocks are compared within the time that the question took', () => {
  expect(clockCheck(10_000, 9_000, 11_000).status).toBe('ok');
  expect(clockCheck(10_000, 17_000, 17_100)).toMatchObject({
    status: 'warning',
    found: expect.stringContaining('7 s'),
  });
});

test('the system in a sentence, the worst first', () => {
  const check = (name: string, status: 'ok' | 'absent' | 'warning' | 'broken') => ({
    name,
    status,
    found: '',
    help: null,
  });
  expect(systemSentence([check('git', 'ok'), check('go', 'absent')]).text).toBe('Towpath is fine');
  expect(systemSentence([check('disk', 'warning'), check('router', 'broken'), check('git', 'broken')]).text).toBe(
    'router and git are broken',
  );
});

test('what a release changed besides its code is told kind by kind, and what did not change not at all', () => {
  const none = { added: [], changed: [], removed: [] };
  const changes = { since: 1, commit: null, artifact: false, config: none, secrets: none, settings: [] };
  expect(changeParts(changes)).toEqual([]);
  const config = { added: ['NEW'], changed: ['LOG'], removed: ['OLD'] };
  expect(changeParts({ ...changes, config, settings: ['start'] })).toEqual([
    {
      what: 'config',
      names: [
        { sign: '+', name: 'NEW' },
        { sign: '~', name: 'LOG' },
        { sign: '−', name: 'OLD' },
      ],
    },
    { what: 'settings', names: [{ sign: '~', name: 'start' }] },
  ]);
});

test('lines that two have found are one list', () => {
  expect(merged([1, 5, 9], [5, 7, 200])).toEqual([1, 5, 7, 9, 200]);
});
