import { SettingsLayer } from '@towpath/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServiceSettings } from './settings.ts';
import { givenSettings } from './stored.ts';

/** A row as it was written before there were layers. */
const row = {
  folder: '.',
  branch: 'trunk',
  test: 'npm test',
  health: { path: '/', startMs: 90_000 },
  stageMs: 1_800_000,
  drainMs: 1_500,
};

describe('a row of before there were layers', () => {
  test('gives what differs from the defaults', () => {
    expect(givenSettings(row)).toEqual({
      branch: 'trunk',
      test: 'npm test',
      health: { startTimeout: '90s' },
      timeouts: { drain: '1500ms' },
    });
  });

  test('is used as it was', () => {
    expect(ServiceSettings.parse(row)).toMatchObject(row);
  });

  test('may hold a command and a folder: the folder won', () => {
    expect(givenSettings({ ...row, start: 'a', static: 'dist' })).toMatchObject({ static: 'dist' });
  });
});

test('a layer is read as it is, defaults that were given included', () => {
  const layer = { branch: 'main', health: { path: '/' }, environments: { production: { replicas: 2 } } };
  expect(givenSettings(layer)).toEqual(layer);
});

test('what a layer says for an environment alone is not what all share', () => {
  const layer = { replicas: 1, environments: { production: { replicas: 2, deploy: 'manual' } } };
  expect(ServiceSettings.parse(layer)).toMatchObject({ replicas: 1 });
  expect(ServiceSettings.parse(layer).deploy).toBeUndefined();
});

test('settings that were stored are used as they were', () => {
  const settings = ServiceSettings.parse({
    quality: { lint: 'a', types: false },
    processes: { mailer: { command: 'b' } },
    resources: { memory: '1Gi', cpu: 0.5 },
    env: { A: 'a', B: null },
    triggers: { branches: ['main'] },
  });
  expect(settings).toMatchObject({ quality: { lint: 'a' }, resources: { memoryMi: 1024 }, env: { A: 'a' } });
  expect(ServiceSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
});

test('what is no settings is refused, never half understood', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = ServiceSettings.safeParse(value);
      if (parsed.success) expect(SettingsLayer.safeParse(value).success || typeof value === 'object').toBe(true);
    }),
  );
});
