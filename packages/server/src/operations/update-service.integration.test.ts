import { afterEach, beforeEach, expect, test } from 'vitest';
import { ada, bob, World } from './testing/world.ts';
import { updateService } from './update-service.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { test: 'npm test', health: { startTimeout: '5s' } });
});

afterEach(async () => {
  await world.close();
});

const update = (patch: object, actor = ada) => updateService(world.house, actor, { service: 'api', patch });

test('what is given changes, what is not stays', async () => {
  const { settings } = await update({ build: 'make', health: { path: '/health' } });
  expect(settings).toEqual({ test: 'npm test', build: 'make', health: { path: '/health', startTimeout: '5s' } });
  expect(await world.events()).toEqual(['service.created by ada', 'service.changed by ada']);
});

test('null takes a value back to detection or default', async () => {
  const { settings } = await update({ test: null, health: { startTimeout: null }, branch: null });
  expect(settings).toEqual({});
});

test.each([
  [{ timeouts: { stage: '1ms' } }, 'timeouts.stage'],
  [{ timeouts: { drain: -1 } }, 'timeouts.drain'],
  [{ health: { startTimeout: '61m' } }, 'health.startTimeout'],
  [{ tset: null }, 'tset'],
  [{ branch: '' }, 'branch'],
  [{ start: 'x'.repeat(4_001) }, 'start'],
])('a value that is not valid names its field and changes nothing: %j', async (patch, field) => {
  await expect(update(patch)).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining(`settings.${field}: `),
  });
  expect(await world.events()).toEqual(['service.created by ada']);
});

test('two people change different settings at once: both changes stay', async () => {
  await Promise.all([
    update({ build: 'make' }),
    update({ quality: 'lint' }, bob),
    update({ timeouts: { drain: '7s' } }),
  ]);
  const { settings } = await update({ branch: 'trunk' });
  expect(settings).toMatchObject({ build: 'make', quality: 'lint', timeouts: { drain: '7s' }, branch: 'trunk' });
});

test('a service that is not there says where to look', async () => {
  await expect(updateService(world.house, ada, { service: 'nope', patch: {} })).rejects.toMatchObject({
    code: 'unknown_service',
    help: expect.stringContaining('towpath status'),
  });
});
