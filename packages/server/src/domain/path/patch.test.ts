import type { SettingsLayer, SettingsPatch } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { applyPatch } from './patch.ts';

describe('applyPatch', () => {
  test.each<[what: string, layer: SettingsLayer, patch: SettingsPatch, expected: SettingsLayer]>([
    ['adds', {}, { test: 'a' }, { test: 'a' }],
    ['replaces', { test: 'a' }, { test: false }, { test: false }],
    ['takes back', { test: 'a', build: 'b' }, { test: null }, { build: 'b' }],
    [
      'keeps what stands beside',
      { health: { path: '/a' } },
      { health: { startTimeout: '5s' } },
      { health: { path: '/a', startTimeout: '5s' } },
    ],
    ['takes a map away with its last value', { env: { A: 'a' } }, { env: { A: null } }, {}],
    ['takes a whole map back', { env: { A: 'a', B: 'b' } }, { env: null }, {}],
    ['takes back what is not there', {}, { env: { A: null } }, {}],
    ['replaces a command by a map', { quality: 'a' }, { quality: { lint: 'b' } }, { quality: { lint: 'b' } }],
    [
      'changes one environment',
      { environments: { production: { replicas: 2 } } },
      { environments: { staging: { replicas: 1 } } },
      { environments: { production: { replicas: 2 }, staging: { replicas: 1 } } },
    ],
    ['lets a folder take the place of a command', { start: 'a' }, { static: 'dist' }, { static: 'dist' }],
    ['lets a command take the place of a folder', { static: 'dist' }, { start: 'a' }, { start: 'a' }],
  ])('%s', (_what, layer, patch, expected) => {
    expect(applyPatch(layer, patch)).toEqual(expected);
  });

  test.each([
    [{ tset: 'a' }, 'settings.tset: unknown; did you mean test?'],
    [{ tset: null }, 'settings.tset: unknown; did you mean test?'],
    [{ health: { pth: null } }, 'settings.health.pth: unknown; did you mean path?'],
    [{ start: 'a', static: 'b' }, 'settings.static: cannot be given together with start'],
    [{ health: 5 }, 'settings.health: 5 is no map'],
    [{ env: { MY_TOKEN: 'x' } }, 'settings.env.MY_TOKEN: looks like a secret'],
    [
      { environments: { production: { deploy: 'soon' } } },
      'settings.environments.production.deploy: "soon" is not known',
    ],
  ])('%j is refused by its name', (patch, message) => {
    expect(() => applyPatch({}, JSON.parse(JSON.stringify(patch)))).toThrow(
      expect.objectContaining({ code: 'bad_request', message: expect.stringContaining(message) }),
    );
  });

  test('names from outside do no harm', () => {
    expect(() => applyPatch({}, JSON.parse('{"__proto__": {"test": "x"}}'))).toThrow('settings.__proto__: unknown');
    expect(applyPatch({}, JSON.parse('{"env": {"__proto__": "x"}}')).env).toEqual({});
    expect(Object.hasOwn(Object.prototype, 'test')).toBe(false);
  });
});
