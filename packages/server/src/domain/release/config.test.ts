import { expect, test } from 'vitest';
import { ReleaseConfig, workersOf } from './config.ts';

/** As releases were stored before there were other processes than http. */
const before = {
  start: { kind: 'command', command: 'node server.js' },
  folder: '.',
  health: { path: '/', startMs: 60_000 },
  drainMs: 30_000,
  variables: { A: '1' },
};

test('a release of before there were workers is read as it was', () => {
  expect(ReleaseConfig.parse(before)).toEqual({
    ...before,
    path: [],
    toolchains: [],
    processes: {},
    release: null,
    data: null,
    commandMs: 1_800_000,
    env: {},
  });
});

test('one without http has workers only', () => {
  const processes = {
    mailer: { kind: 'worker', command: 'node mail.js' },
    report: { kind: 'job', command: 'node r.js' },
  };
  const config = ReleaseConfig.parse({ ...before, start: null, processes });
  expect(workersOf(config)).toEqual([
    ['mailer', { kind: 'worker', command: 'node mail.js', replicas: 1, swap: 'overlap' }],
  ]);
});
