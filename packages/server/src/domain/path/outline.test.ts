import { expect, test } from 'vitest';
import { entered } from './given.ts';
import { type KeptLayer, resolveKept } from './kept.ts';
import { checkCommands, differing, outline } from './outline.ts';
import { planPath } from './plan.ts';

const layers: KeptLayer[] = [
  {
    kind: 'detected',
    values: { install: 'npm ci', quality: { lint: 'npm run lint' }, test: 'npm test', start: 'node .' },
    evidence: { install: 'package-lock.json', test: 'package.json, script "test"' },
    path: [],
  },
  {
    kind: 'service',
    values: { build: false, environments: { qa: { test: 'make smoke', replicas: 2, deploy: 'approve' } } },
  },
];
const resolved = (environment?: string) => resolveKept(layers, environment);
const qa = entered({ name: 'qa', admission: 'auto', approvalMs: 1_000 }, layers);

test('each stage shows what it will do, with where it comes from', () => {
  const stages = outline(planPath([qa]), 'api', resolved);
  expect(stages.map(({ name, settings, skip }) => [name, ...settings.map(({ value }) => value), skip])).toEqual([
    ['prepare', 'npm ci', null],
    ['quality', 'npm run lint', null],
    ['unit', 'npm test', null],
    ['build', null],
    ['approval qa', 'approve', null],
    ['deploy qa', 'make smoke', 'node .', null],
  ]);
  expect(stages[2]?.settings).toEqual([
    { path: 'test', value: 'npm test', origin: 'detected: package.json, script "test"' },
  ]);
  expect(stages[5]?.settings[0]?.origin).toBe('service settings for qa');
  expect(stages[4]).toMatchObject({ environment: 'qa', deadlineMs: 1_000 });
});

test('a check that does nothing says why, and how to give it something to do', () => {
  const bare = (values: object) => resolveKept([{ kind: 'service', values }]);
  expect(checkCommands('unit', bare({}), 'api')).toEqual({
    skip: 'no command found; set one: towpath service set api --test "…"',
  });
  expect(checkCommands('quality', bare({ quality: false }), 'api')).toEqual({
    skip: 'switched off (service settings)',
  });
  const [, quality] = outline(planPath([]), 'api', () => bare({ quality: false }));
  expect(quality).toMatchObject({ settings: [], skip: 'switched off (service settings)' });
});

test('what differs in an environment is what it has for itself', () => {
  expect(
    differing(resolved().origins, resolved('qa').origins)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(['deploy', 'replicas', 'test']);
  expect(differing(resolved().origins, resolved('staging').origins)).toEqual([]);
});
