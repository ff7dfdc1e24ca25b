import type { Status } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { planPath } from './plan.ts';
import { rerunFrom } from './rerun.ts';

const plan = planPath([
  { name: 'staging', admission: 'auto', approvalMs: 0 },
  { name: 'production', admission: 'approve', approvalMs: 0 },
]);
// prepare 0, quality 1, unit 2, build 3, deploy staging 4, approval production 5, deploy production 6
const stages = (...statuses: Status[]) =>
  plan.map((stage, index) => ({ ...stage, status: statuses[index] ?? ('skipped' as const) }));
const all = { workspace: true, artifact: true };

describe('rerunFrom', () => {
  const failedUnit = stages('succeeded', 'skipped', 'failed');

  test('without a name begins with what failed', () => {
    expect(rerunFrom(failedUnit, undefined, { workspace: true, artifact: false })).toBe(2);
  });

  test('a check whose workspace is gone begins with prepare', () => {
    expect(rerunFrom(failedUnit, 'unit', { workspace: false, artifact: false })).toBe(0);
  });

  test('a deploy is named with its environment, by blank or slash', () => {
    const done = stages('succeeded', 'succeeded', 'succeeded', 'succeeded', 'rolled_back');
    expect(rerunFrom(done, 'deploy/staging', all)).toBe(4);
    expect(rerunFrom(done, 'deploy staging', all)).toBe(4);
    expect(rerunFrom(done, undefined, all)).toBe(4);
  });

  test('a deploy without an artifact begins with build', () => {
    const cancelled = stages('succeeded', 'succeeded', 'succeeded', 'cancelled');
    expect(rerunFrom(cancelled, 'deploy/staging', { workspace: false, artifact: false })).toBe(3);
  });

  test('a run that went well begins again from the start', () => {
    const well = stages('succeeded', 'skipped', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded');
    expect(rerunFrom(well, undefined, all)).toBe(0);
  });

  test('a stage that the run does not have is nothing', () => {
    expect(rerunFrom(failedUnit, 'deploy/qa', all)).toBeNull();
  });
});
