import { expect, test } from 'vitest';
import { type Made, releaseChanges } from './changes.ts';
import { ReleaseConfig } from './config.ts';

const config = (more: object = {}) =>
  ReleaseConfig.parse({
    start: { kind: 'command', command: 'node server.js' },
    folder: '.',
    health: { path: '/', startMs: 60_000 },
    drainMs: 30_000,
    variables: {},
    ...more,
  });
const made = (more: Partial<Made> = {}): Made => ({
  version: 1,
  artifact: 'sha256:a',
  commit: 'aaaaaaa',
  config: config(),
  secrets: {},
  ...more,
});

test('a release that is the same changed nothing', () => {
  expect(releaseChanges(made(), made({ version: 2 }))).toEqual({
    since: 1,
    commit: null,
    artifact: false,
    config: { added: [], changed: [], removed: [] },
    secrets: { added: [], changed: [], removed: [] },
    settings: [],
  });
});

test('names of config and secrets are told, and no value', () => {
  const before = made({
    config: config({ variables: { LOG: 'info', OLD: 'x', constructor: 'odd' } }),
    secrets: { TOKEN: 'hunter2', GONE: 'hunter3' },
  });
  const now = made({
    version: 2,
    commit: 'bbbbbbb',
    artifact: 'sha256:b',
    config: config({ variables: { LOG: 'debug', NEW: 'y', constructor: 'odd' } }),
    secrets: { TOKEN: 'hunter4', MORE: 'hunter5' },
  });
  const changes = releaseChanges(before, now);
  expect(changes).toMatchObject({
    commit: 'aaaaaaa',
    artifact: true,
    config: { added: ['NEW'], changed: ['LOG'], removed: ['OLD'] },
    secrets: { added: ['MORE'], changed: ['TOKEN'], removed: ['GONE'] },
  });
  expect(JSON.stringify(changes)).not.toMatch(/hunter|debug|info/);
});

test('settings are told as people write them', () => {
  const processes = { mailer: { kind: 'worker', command: 'node m.js' }, report: { kind: 'job', command: 'r' } };
  const before = made({ config: config({ processes, env: { A: '1' } }) });
  const now = made({
    config: config({
      start: { kind: 'static', folder: 'dist' },
      processes: { ...processes, mailer: { kind: 'worker', command: 'node mail.js' } },
      env: { B: '1' },
    }),
  });
  expect(releaseChanges(before, now).settings).toEqual(['env.A', 'env.B', 'processes.mailer', 'start']);
});
