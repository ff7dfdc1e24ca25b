import { afterEach, beforeEach, expect, test } from 'vitest';
import { hold, unhold } from './hold.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;
const staging = { service: 'api', environment: 'staging' };

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const shown = async () => (await hold(world.house, bob, { ...staging, reason: 'a sale' })).environments[0]?.hold;

test('names who holds, and why', async () => {
  expect(await shown()).toMatchObject({ by: 'bob', reason: 'a sale' });
  expect((await hold(world.house, ada, staging)).environments[0]?.hold).toMatchObject({ by: 'ada', reason: null });
  expect((await world.events()).slice(1)).toEqual(['target.held by bob', 'target.held by ada']);
});

test('a push runs to the hold, and goes on where nothing is held', async () => {
  await shown();
  const run = await world.push('first');
  const { stages } = await world.until(run, 'waiting');
  expect(stages.find((each) => each.name === 'deploy staging')).toMatchObject({
    status: 'skipped',
    reason: 'held by bob: a sale',
    deployment: null,
  });
});

test('when all is held nobody is asked, and the run says why nothing was deployed', async () => {
  await shown();
  await hold(world.house, bob, { service: 'api', environment: 'production' });
  const { reason, stages } = await world.until(await world.push('first'), 'succeeded');
  expect(reason).toBe('deploy staging: held by bob: a sale; deploy production: held by bob');
  expect(stages.slice(5).map((each) => each.status)).toEqual(['skipped', 'skipped']);
});

test('lifted, the next push deploys again', async () => {
  await shown();
  expect((await unhold(world.house, ada, staging)).environments[0]?.hold).toBeNull();
  const { stages } = await world.until(await world.push('first'), 'waiting');
  expect(stages.find((each) => each.name === 'deploy staging')?.status).toBe('succeeded');
  expect(await world.events()).toContain('target.unheld by ada');
});

test('what is not held cannot be lifted: nothing happens', async () => {
  const events = await world.events();
  await unhold(world.house, ada, staging);
  expect(await world.events()).toEqual(events);
});
