import { expect, test } from 'vitest';
import { allAtOnce, interrupts, planRollout, policyFor } from './plan.ts';

const kinds = (...given: Parameters<typeof policyFor>) => planRollout(policyFor(...given)).map((step) => step.kind);
const plain = { data: null, release: null };
const migrates = { data: null, release: 'migrate' };
const keeps = { data: 'storage', release: 'migrate' };

test('without anything special it starts, shifts and finishes', () => {
  expect(kinds('run', plain)).toEqual(['start', 'shift', 'finish']);
  expect(planRollout({ ...allAtOnce, bakeMs: 5 }).map((step) => step.kind)).toEqual([
    'start',
    'shift',
    'bake',
    'finish',
  ]);
});

test.each(['run', 'promote', 'config'] as const)('%s runs the release command first', (cause) => {
  expect(kinds(cause, migrates)).toEqual(['release', 'start', 'shift', 'finish']);
});

test.each(['rollback', 'scale'] as const)('%s runs none', (cause) => {
  expect(kinds(cause, migrates)).not.toContain('release');
});

test('with a data folder the old one stops before anything of the new one runs', () => {
  expect(kinds('run', keeps)).toEqual(['stop', 'release', 'start', 'shift', 'finish']);
  expect(kinds('rollback', keeps)).toEqual(['stop', 'start', 'shift', 'finish']);
  expect(interrupts(planRollout(policyFor('run', keeps)))).toBe(true);
  expect(interrupts(planRollout(policyFor('scale', keeps)))).toBe(false);
});
