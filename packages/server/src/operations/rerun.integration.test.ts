import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approve } from './approve.ts';
import { hold, unhold } from './hold.ts';
import { rerun } from './rerun.ts';
import { runDetail } from './show/run.ts';
import { ada, bob, World } from './testing/world.ts';
import { updateService } from './update-service.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { start: 'serve', test: 'check', install: 'install', build: 'make' });
});

afterEach(async () => {
  await world.close();
});

/** Which attempt's command of which stage fails: `unit:1`. */
const failing = (...which: string[]) => {
  world.house.executor.machine.knobs.script = (_command, key) => [
    { do: 'exit', code: which.some((each) => key.endsWith(each)) ? 1 : 0 },
  ];
};

const stages = async (run: number) =>
  (await runDetail(world.house.db, run)).stages.map(({ name, status, attempt }) => `${name} ${status} ${attempt}`);

/** Keys of the commands that were run, without the run's number. */
const commands = () => [...world.house.executor.machine.commands.keys()].map((key) => key.replace(/^\d+:/, ''));

/** What the command of this key ran. */
const script = (run: number, key: string) =>
  world.house.executor.machine.commands.get(`${run}:${key}`)?.command.argv.at(-1);

test('goes on with the stage that failed, as its second attempt', async () => {
  failing('unit:1');
  const run = await world.push('first');
  await world.until(run, 'failed');
  expect(await rerun(world.house, bob, { run })).toMatchObject({ status: 'running', endedAt: null });
  await world.until(run, 'waiting');
  expect(await stages(run)).toEqual([
    'prepare succeeded 1',
    'quality skipped 1',
    'unit succeeded 2',
    'build succeeded 1',
    'deploy staging succeeded 1',
    'approval production waiting 1',
    'deploy production queued 0',
  ]);
  expect(commands()).toEqual(['prepare:1', 'unit:1', 'unit:2', 'build:1']);
  const unit = (await runDetail(world.house.db, run)).stages[2];
  expect(unit?.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 'failed'],
    [2, 'succeeded'],
  ]);
  expect(await world.events()).toContain('run.rerun by bob');
});

describe('is refused', () => {
  test('for a run that has not ended', async () => {
    const run = await world.push('first');
    await expect(rerun(world.house, ada, { run })).rejects.toMatchObject({
      code: 'not_ended',
      message: `run #${run} is queued`,
    });
    await world.until(run, 'waiting');
    await expect(rerun(world.house, ada, { run })).rejects.toMatchObject({ code: 'not_ended' });
  });

  test('from a stage that the run does not have; it lists those there are', async () => {
    failing('unit:1');
    const run = await world.push('first');
    await world.until(run, 'failed');
    await expect(rerun(world.house, ada, { run, from: 'deploy/moon' })).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(
        'it has prepare, quality, unit, build, deploy/staging, approval/production, deploy/production',
      ),
    });
  });

  test('to the second of two at once', async () => {
    failing('unit:1');
    const run = await world.push('first');
    await world.until(run, 'failed');
    const both = await Promise.allSettled([rerun(world.house, ada, { run }), rerun(world.house, bob, { run })]);
    expect(both.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await world.until(run, 'waiting');
    expect(commands()).toEqual(['prepare:1', 'unit:1', 'unit:2', 'build:1']);
  });
});

describe('goes around nothing', () => {
  test('a failed test is run again before its commit is deployed', async () => {
    failing('unit:1', 'unit:2');
    const run = await world.push('first');
    await world.until(run, 'failed');
    await rerun(world.house, ada, { run, from: 'deploy/staging' });
    await world.until(run, 'failed');
    expect(await stages(run)).toMatchObject({ 2: 'unit failed 2', 4: 'deploy staging skipped 0' });
  });

  test('a declined approval is asked for again', async () => {
    const run = await world.push('first');
    await world.until(run, 'waiting');
    await approve(world.house, bob, { run, approve: false });
    await rerun(world.house, ada, { run, from: 'deploy/production' });
    await world.until(run, 'waiting');
  });

  test('after a hold it goes on where it met it, with the question', async () => {
    const production = { service: 'api', environment: 'production' };
    await hold(world.house, bob, production);
    const run = await world.push('first');
    await world.until(run, 'succeeded');
    await unhold(world.house, bob, production);
    await rerun(world.house, ada, { run });
    await world.until(run, 'waiting');
    expect(commands()).toEqual(['prepare:1', 'unit:1', 'build:1']);
  });
});

describe('takes the settings of now', () => {
  test('a command that was mended', async () => {
    failing('unit:1');
    const run = await world.push('first');
    await world.until(run, 'failed');
    await updateService(world.house, ada, { service: 'api', patch: { test: 'mended check' } });
    await rerun(world.house, ada, { run });
    await world.until(run, 'waiting');
    expect(script(run, 'unit:1')).toContain('check');
    expect(script(run, 'unit:2')).toContain('mended check');
  });

  test('a start command that was mended reaches the release, without a second build', async () => {
    world.house.platform.cluster.knobs.startMs = () => Number.POSITIVE_INFINITY;
    await updateService(world.house, ada, { service: 'api', patch: { health: { startTimeout: '1s' } } });
    const run = await world.push('first');
    await world.until(run, 'failed');
    world.house.platform.cluster.knobs.startMs = () => 0;
    await updateService(world.house, ada, { service: 'api', patch: { start: 'serve --better' } });
    await rerun(world.house, ada, { run });
    await world.until(run, 'waiting');
    const [replica] = [...world.house.platform.cluster.replicas.values()].filter((each) => each.phase === 'running');
    expect(replica?.process.argv).toEqual(['sh', '-c', 'serve --better']);
    expect(commands()).toEqual(['prepare:1', 'unit:1', 'build:1']);
  });

  test('for a command that is given no more, what was found in the commit holds', async () => {
    failing('unit:1');
    const run = await world.push('first');
    await world.until(run, 'failed');
    await updateService(world.house, ada, { service: 'api', patch: { test: null } });
    await rerun(world.house, ada, { run });
    await world.until(run, 'waiting');
    expect(await stages(run)).toMatchObject({ 0: 'prepare succeeded 1', 2: 'unit skipped 2' });
  });
});

test('what it builds again is another artifact of its own', async () => {
  failing('make:1');
  const run = await world.push('first');
  await world.until(run, 'waiting');
  await approve(world.house, ada, { run, approve: true });
  const { artifact } = await world.until(run, 'succeeded');
  expect(await rerun(world.house, ada, { run, from: 'build' })).toMatchObject({ artifact: null });
  // The same bytes have the same digest.
  expect(await world.until(run, 'waiting')).toMatchObject({ artifact });
  expect(commands()).toEqual(['prepare:1', 'unit:1', 'build:1', 'build:2']);
});
