import { stripVTControlCharacters as plain } from 'node:util';
import type { RunDetail, StageView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput } from '../output.ts';
import { ago, renderRun, renderRuns, runJson } from './run.ts';

const stage = (kind: StageView['kind'], changes: Partial<StageView> = {}): StageView => ({
  kind,
  environment: null,
  name: kind,
  status: 'succeeded',
  reason: null,
  deadline: null,
  attempt: 1,
  startedAt: '2026-01-01T10:00:00.000Z',
  endedAt: '2026-01-01T10:00:01.500Z',
  answeredBy: null,
  deployment: null,
  attempts: [],
  ...changes,
});
const run = (number: number, changes: Partial<RunDetail> = {}): RunDetail => ({
  run: number,
  project: 'main',
  service: 'api',
  branch: 'main',
  commit: '3f2c1a9000000000000000000000000000000000',
  message: 'Show VAT in the totals of every order, not only of those of today',
  author: 'Ada',
  trigger: 'push',
  requestedBy: 'owner',
  status: 'succeeded',
  reason: null,
  deadline: null,
  artifact: null,
  supersededBy: null,
  // The clock of a test goes on: what lies ahead is `0 s ago` for all of it.
  createdAt: new Date(Date.now() + 3_600_000).toISOString(),
  startedAt: null,
  endedAt: null,
  revision: 1,
  stages: [],
  ...changes,
});

function shown(columns: number, show: (output: ReturnType<typeof createOutput>) => void): string[] {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  show(createOutput(false, { write, isTTY: true, columns }, { write }));
  return plain(text).trimEnd().split('\n');
}

test('a branch with a very long name does not push the columns of others away', () => {
  const long = { ...run(12), branch: 'x'.repeat(240) };
  const lines = shown(120, (output) => renderRuns(output, [long, run(13)]));
  expect(lines[0]).toContain(`${'x'.repeat(39)}… 3f2c1a9`);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
});

test('runs are a table that fits; a reason stands below its run', () => {
  const failed = run(7, { status: 'failed', reason: 'unit: exited with code 1', service: 'checkout' });
  const lines = shown(80, (output) => renderRuns(output, [run(12), failed]));
  expect(lines).toEqual([
    '#12  api main 3f2c1a9       ✓ succeeded    0 s ago  Show VAT in the totals of e…',
    '#7   checkout main 3f2c1a9  ✗ failed       0 s ago  Show VAT in the totals of e…',
    '      unit: exited with code 1',
  ]);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('a run shows its stages with time, attempt and reason, within the width', () => {
  const skipped = {
    status: 'skipped',
    reason: 'no command found; set one: towpath service set api --quality "…"',
  } as const;
  const stages = [
    stage('prepare'),
    stage('quality', skipped),
    stage('unit', { status: 'running', endedAt: null, attempt: 2 }),
  ];
  const lines = shown(80, (output) => renderRun(output, run(12, { status: 'running', stages })));
  expect(lines).toEqual([
    '#12 api  Show VAT in the totals of every order, not only of those of today',
    'main 3f2c1a9 by Ada, push of owner, 0 s ago',
    '',
    '  prepare              ✓ succeeded        1.5 s',
    '  quality              – skipped                 no command found; set one:',
    '                                                 towpath service set api',
    '                                                 --quality "…"',
    '  unit                 ● running                 attempt 2',
    '',
    '● running #12',
  ]);
});

test('a wait says how long', () => {
  const waiting = run(12, {
    status: 'waiting',
    reason: 'waits for approval of production: towpath approve 12',
    deadline: '2026-01-08T10:00:00.000Z',
  });
  expect(shown(140, (output) => renderRun(output, waiting)).at(-1)).toBe(
    '◇ waiting #12  waits for approval of production: towpath approve 12, until 2026-01-08 10:00 UTC',
  );
});

test('times of stages are numbers in JSON', () => {
  const { stages } = runJson(run(12, { stages: [stage('unit', { endedAt: null })] }));
  expect(stages).toMatchObject([{ startedAt: 1767261600000, finishedAt: null }]);
  expect(stages[0]).not.toHaveProperty('endedAt');
});

test.each([
  [10, '10 s ago'],
  [200, '3 min ago'],
  [7_300, '2 h ago'],
  [200_000, '2 d ago'],
])('%i seconds are %s', (seconds, text) => {
  const now = Date.parse('2026-01-08T10:00:00.000Z');
  expect(ago(new Date(now - seconds * 1_000).toISOString(), now)).toBe(text);
});
