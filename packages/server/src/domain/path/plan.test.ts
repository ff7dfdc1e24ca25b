import fc from 'fast-check';
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

  test('environments of one branch are entered in their order, each by its own rule', () => {
    const chain = [environment('staging', 'approve'), environment('qa', 'manual'), environment('production', 'auto')];
    expect(names(chain).slice(3)).toEqual(['build', 'approval staging', 'deploy staging', 'deploy production']);
  });

  test('each environment is entered once, after its own approval, and what is built is built once before', () => {
    const some = fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,8}$/),
        admission: fc.constantFrom('auto', 'approve', 'manual'),
        approvalMs: fc.nat(),
      }),
      { selector: (each) => each.name },
    );
    fc.assert(
      fc.property(some, (environments) => {
        const stages = planPath(environments);
        const entered = environments.filter((each) => each.admission !== 'manual');
        const deploys = stages.filter((stage) => stage.kind === 'deploy').map((stage) => stage.environment);
        expect(deploys).toEqual(entered.map((each) => each.name));
        expect(stages.filter((stage) => stage.kind === 'build')).toHaveLength(entered.length > 0 ? 1 : 0);
        for (const [index, stage] of stages.entries()) {
          if (stage.kind !== 'deploy') continue;
          const asks = environments.find((each) => each.name === stage.environment)?.admission === 'approve';
          const before = stages[index - 1];
          expect(before?.kind === 'approval' && before.environment === stage.environment).toBe(asks);
        }
      }),
    );
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
