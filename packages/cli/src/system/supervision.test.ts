import type { ProcessState, SupervisorHealth } from '@towpath/contract/supervisor';
import { expect, test } from 'vitest';
import { plan } from './supervision.ts';

const state = (name: string, phase: ProcessState['phase']): ProcessState => ({
  ...{ key: `system/${name}`, owner: 'system', mode: 'service', phase, pid: 1, exit: null, reason: null, restarts: 0 },
  ...{ startedAt: null, endedAt: null, nextStartAt: null, port: null, listens: [], logBytes: 0 },
});
const health = (...system: ProcessState[]): SupervisorHealth => ({
  ...{ version: '1', pid: 1, instance: 'i', startedAt: '2026-01-01T00:00:00Z', system },
});
const wanted = { postgres: 'a', 'server-1': 'b', router: 'c' };
const applied = { supervisor: 's', system: wanted };
const all = [state('postgres', 'running'), state('server-1', 'running'), state('router', 'starting')];

test('what runs by its present specification is left alone', () => {
  expect(plan(wanted, applied, health(...all))).toEqual({ restart: [], remove: [] });
});

test('what changed, what waits for its next start and what is missing starts anew, in the order of the system', () => {
  expect(plan({ ...wanted, router: 'd' }, applied, health(...all)).restart).toEqual(['router']);
  expect(plan(wanted, applied, health(state('router', 'running'), state('server-1', 'backoff'))).restart).toEqual([
    'postgres',
    'server-1',
  ]);
});

test('what is not wanted any more goes', () => {
  const steps = plan(wanted, applied, health(...all, state('server-2', 'running')));
  expect(steps).toEqual({ restart: [], remove: ['server-2'] });
});
