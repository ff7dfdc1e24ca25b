import type { RunDetail, StageView, Status } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { narrate } from './narrate.ts';

const stage = (kind: StageView['kind'], status: Status, reason: string | null = null): StageView => ({
  kind,
  environment: null,
  name: kind,
  status,
  reason,
  deadline: null,
  attempt: 1,
  startedAt: status === 'queued' ? null : '2026-01-01T10:00:00.000Z',
  endedAt: status === 'queued' || status === 'running' ? null : '2026-01-01T10:00:01.500Z',
  answeredBy: null,
  deployment: null,
  attempts: [],
});
const run = (status: Status, ...stages: StageView[]): RunDetail => ({
  run: 7,
  project: 'main',
  service: 'api',
  branch: 'main',
  commit: '3f2c1a9000000000000000000000000000000000',
  message: 'Show VAT',
  author: 'ada',
  trigger: 'push',
  requestedBy: 'owner',
  status,
  reason: status === 'failed' ? 'unit: exited with code 1' : null,
  deadline: null,
  artifact: null,
  supersededBy: null,
  createdAt: '2026-01-01T10:00:00.000Z',
  startedAt: '2026-01-01T10:00:00.000Z',
  endedAt: status === 'failed' || status === 'succeeded' ? '2026-01-01T10:00:02.000Z' : null,
  revision: 1,
  stages,
});
const texts = (before: RunDetail | null, after: RunDetail) => narrate(before, after).map((line) => line.text.trim());

describe('narrate', () => {
  test('begins with what is run', () => {
    expect(texts(null, run('running', stage('unit', 'running')))).toEqual([
      'api #7 3f2c1a9 on main: Show VAT',
      '● unit …',
    ]);
  });

  test('tells each change once', () => {
    const before = run('running', stage('quality', 'running'), stage('unit', 'queued'));
    const after = run('running', stage('quality', 'succeeded'), stage('unit', 'running'));
    expect(texts(before, after)).toEqual(['✓ quality 1.5 s', '● unit …']);
    expect(texts(after, after)).toEqual([]);
  });

  test('a failed stage says why and shows its log; what never began is silent', () => {
    const before = run('running', stage('unit', 'running'), stage('build', 'queued'));
    const skipped = { ...stage('build', 'skipped', 'unit failed'), startedAt: null };
    const lines = narrate(before, run('failed', stage('unit', 'failed', 'exited with code 1'), skipped));
    expect(lines.map((line) => line.text.trim())).toEqual([
      '✗ unit 1.5 s: exited with code 1',
      '✗ #7 failed: unit: exited with code 1',
    ]);
    expect(lines[0]?.failedStage?.kind).toBe('unit');
  });

  test('a stage that was skipped took no time', () => {
    const after = run('running', stage('quality', 'skipped', 'no command found'));
    expect(texts(run('running', stage('quality', 'queued')), after)).toEqual(['– quality: no command found']);
  });

  test('a wait is one line, with the command and the deadline', () => {
    const before = run('running', stage('approval', 'queued'));
    const asking = run('running', stage('approval', 'running'));
    expect(texts(before, asking)).toEqual([]);
    const asks = stage('approval', 'waiting', 'waits for approval of production: towpath approve 7');
    const waiting = { ...run('waiting', asks), deadline: '2026-01-08T10:00:00.000Z' };
    for (const earlier of [before, asking]) {
      expect(texts(earlier, waiting)).toEqual(['waits for approval, until 2026-01-08 10:00 UTC: towpath approve 7']);
    }
  });

  test('an answer says whose it was, not how long the person took', () => {
    const answered = run('running', stage('approval', 'succeeded', 'approved by ada'));
    expect(texts(run('waiting', stage('approval', 'waiting')), answered)).toEqual(['✓ approval: approved by ada']);
  });
});
