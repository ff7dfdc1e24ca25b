import { expect, test } from 'vitest';
import { patchFrom, settingsFrom } from './settings-options.ts';

test('options become settings, times with their unit', () => {
  const options = { test: 'pytest', health: '/up', startTimeout: '90', drain: '0' };
  expect(settingsFrom(options)).toEqual({
    test: 'pytest',
    health: { path: '/up', startTimeout: '90s' },
    timeouts: { drain: '0s' },
  });
  expect(settingsFrom({})).toEqual({});
});

test('versions are given by their names, and taken back', () => {
  expect(settingsFrom({ runtime: ['node=22', 'python=>=3.11'] })).toEqual({
    runtime: { node: '22', python: '>=3.11' },
  });
  expect(patchFrom({ runtime: ['node='] })).toEqual({ runtime: { node: null } });
  expect(() => settingsFrom({ runtime: ['node'] })).toThrow('"node" names no version');
});

test('an empty text takes a value back, in a map too', () => {
  expect(patchFrom({ build: '', health: '', stageTimeout: '60' })).toEqual({
    build: null,
    health: { path: null },
    timeouts: { stage: '60s' },
  });
});
