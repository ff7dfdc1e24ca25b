import type { Status } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { planPath } from './plan.ts';
import { findsTheSame, rerunFrom } from './rerun.ts';
import { ServiceSettings } from './settings.ts';

const plan = planPath([
  { name: 'staging', admission: 'auto', approvalMs: 0 },
  { name: 'production', admission: 'approve', approvalMs: 0 },
]);
// prepare 0, quality 1, unit 2, build 3, deploy staging 4, approval production 5, deploy production 6
const stages = (...statuses: Status[]) =>
  plan.map((stage, index) => ({ ...stage, status: statuses[index] ?? ('skipped' as const) }));
const all = { workspace: true, artifact: true, commands: true };
const nothing = { workspace: false, artifact: false, commands: true };

describe('rerunFrom', () => {
  const failedUnit = stages('succeeded', 'skipped', 'failed');

  test('without a name begins with what failed', () => {
    expect(rerunFrom(failedUnit, undefined, { ...all, artifact: false })).toBe(2);
  });

  test('a check whose workspace is gone begins with prepare', () => {
    expect(rerunFrom(failedUnit, 'unit', nothing)).toBe(0);
  });

  test('a deploy is named with its environment, by blank or slash', () => {
    const done = stages('succeeded', 'succeeded', 'succeeded', 'succeeded', 'rolled_back');
    expect(rerunFrom(done, 'deploy/staging', all)).toBe(4);
    expect(rerunFrom(done, 'deploy staging', all)).toBe(4);
    expect(rerunFrom(done, undefined, all)).toBe(4);
  });

  test('a deploy without an artifact begins with build', () => {
    const cancelled = stages('succeeded', 'succeeded', 'succeeded', 'cancelled');
    expect(rerunFrom(cancelled, 'deploy/staging', nothing)).toBe(3);
  });

  test.each([
    ['a failed test', stages('succeeded', 'succeeded', 'failed'), 'deploy/staging', 2],
    ['a cancelled build', stages('succeeded', 'succeeded', 'succeeded', 'cancelled'), 'deploy/production', 3],
    [
      'a declined approval',
      stages('succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'cancelled'),
      'deploy/production',
      5,
    ],
    [
      'an approval that nobody was asked for, for a hold',
      stages('succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'skipped', 'skipped'),
      'deploy/production',
      5,
    ],
  ])('does not go around %s', (_what, run, from, index) => {
    expect(rerunFrom(run, from, all)).toBe(index);
  });

  test('a run that met a hold goes on where it met it', () => {
    const held = stages('succeeded', 'skipped', 'skipped', 'succeeded', 'skipped', 'skipped', 'skipped');
    expect(rerunFrom(held, undefined, { ...nothing, artifact: true })).toBe(4);
  });

  test('commands that have to be found again begin with prepare', () => {
    expect(rerunFrom(failedUnit, 'unit', { ...all, commands: false })).toBe(0);
  });

  test('a run that went well begins again from the start', () => {
    const well = stages('succeeded', 'skipped', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded');
    expect(rerunFrom(well, undefined, all)).toBe(0);
  });

  test('a stage that the run does not have is nothing', () => {
    expect(rerunFrom(failedUnit, 'deploy/qa', all)).toBeNull();
  });
});

describe('findsTheSame', () => {
  const same = (before: object, now: object) => findsTheSame(ServiceSettings.parse(before), ServiceSettings.parse(now));

  test.each([
    ['nothing changed', { test: 'a' }, { test: 'a' }, true],
    ['a command is another one', { test: 'a' }, { test: 'b' }, true],
    ['a command is given now', {}, { start: 'a' }, true],
    ['a folder to serve instead of a command', { start: 'a' }, { static: 'public' }, true],
    ['a command is given no more: what was found holds', { test: 'a' }, {}, true],
    ['nothing to start is given any more', { static: 'public' }, {}, true],
    ['another folder', {}, { folder: 'api' }, false],
    ['another install', {}, { install: 'make' }, false],
  ])('%s', (_what, before, now, expected) => {
    expect(same(before, now)).toBe(expected);
  });
});
