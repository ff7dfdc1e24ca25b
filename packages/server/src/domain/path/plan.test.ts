import { describe, expect, test } from 'vitest';
import { attemptKey, type PathEnvironment, planPath, stageName } from './plan.ts';

const environment = (name: string, admission: PathEnvironment['admission']): PathEnvironment => ({
  name,
  admission,
  approvalMs: 1_000,
});

const names = (environments: readonly PathEnvironment[]) => planPath(environments).map((stage) => stageName(stage));

describe('planPath', () => {
  const stage = (kind: string, own: PathEnvironment['own'], others: PathEnvironment[] = []) =>
    planPath([{ ...environment('staging', 'auto'), own }, ...others]).find((each) => each.kind === kind);

  test('what an environment runs before its deployment is a part of that stage, its tests first', () => {
    expect(stage('deploy', { beforeDeploy: './warm.sh', test: 'make smoke' })?.before).toEqual([
      { what: 'test', command: 'make smoke' },
      { what: 'beforeDeploy', command: './warm.sh' },
    ]);
    expect(stage('deploy', { beforeDeploy: false, test: false })).not.toHaveProperty('before');
  });

  test('tests are left out when no environment that is entered wants them', () => {
    expect(stage('unit', { test: false })?.skip).toBe('switched off for staging');
    expect(stage('unit', { test: false }, [environment('production', 'manual')])?.skip).toBe(
      'switched off for staging',
    );
    expect(stage('unit', { test: false }, [environment('production', 'approve')])).not.toHaveProperty('skip');
    expect(stage('unit', { test: 'make smoke' })).not.toHaveProperty('skip');
  });

  test('the default path asks before production', () => {
    expect(names([environment('staging', 'auto'), environment('production', 'approve')])).toEqual([
      'prepare',
      'quality',
      'unit',
      'build',
      'deploy staging',
      'approval production',
      'deploy production',
    ]);
  });

  test('a branch without an environment is tested only', () => {
    expect(names([])).toEqual(['prepare', 'quality', 'unit']);
  });

  test('a manual environment is left out, and does not make a build by itself', () => {
    expect(names([environment('production', 'manual')])).toEqual(['prepare', 'quality', 'unit']);
  });

  test('an approval carries how long it is waited for', () => {
    const [approval] = planPath([environment('production', 'approve')]).filter((stage) => stage.kind === 'approval');
    expect(approval).toEqual({ kind: 'approval', environment: 'production', deadlineMs: 1_000 });
  });
});

test('an attempt is named by run, stage and number', () => {
  expect(attemptKey(219, { kind: 'deploy', environment: 'staging' }, 2)).toBe('219:deploy/staging:2');
  expect(attemptKey(219, { kind: 'unit', environment: null }, 1)).toBe('219:unit:1');
});
