import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runDetail } from './show/run.ts';
import { startRun } from './start-run.ts';
import { ada, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const start = (input: { branch?: string; commit?: string; environment?: string } = {}) =>
  startRun(world.house, ada, { service: 'api', ...input });

const stagesOf = async (run: number) => (await runDetail(world.house.db, run)).stages.map((stage) => stage.name);

const wholePath = ['prepare', 'quality', 'unit', 'build', 'deploy staging', 'approval production', 'deploy production'];

describe('a run by hand', () => {
  test('takes the main branch as it stands', async () => {
    world.commit('first');
    const commit = world.commit('second');
    const run = await start();
    expect(run).toMatchObject({ branch: 'main', commit, message: 'second', trigger: 'api', status: 'queued' });
    expect(await stagesOf(run.run)).toEqual(wholePath);
    expect(await world.events()).toEqual(['service.created by ada', 'run.queued by ada']);
  });

  test('of a branch without an environment is tested only', async () => {
    const commit = world.commit('try', 'feature/x');
    const run = await start({ branch: 'feature/x' });
    expect(run).toMatchObject({ branch: 'feature/x', commit });
    expect(await stagesOf(run.run)).toEqual(['prepare', 'quality', 'unit']);
  });

  test('takes a commit by its short id', async () => {
    const commit = world.commit('first');
    world.commit('second');
    expect(await start({ commit: commit.slice(0, 8) })).toMatchObject({ commit, branch: 'main' });
  });

  test('to one environment leaves the others out, whatever their branch is', async () => {
    world.commit('main');
    world.commit('try', 'feature/x');
    const run = await start({ branch: 'feature/x', environment: 'production' });
    expect(await stagesOf(run.run)).toEqual([
      'prepare',
      'quality',
      'unit',
      'build',
      'approval production',
      'deploy production',
    ]);
  });

  test('goes by the settings of the moment in which it was asked for', async () => {
    world.commit('first');
    const { run } = await start();
    expect(await runDetail(world.house.db, run)).toMatchObject({ run, stages: { length: wholePath.length } });
  });
});

describe('what there is not', () => {
  test('an empty repository says what to do', async () => {
    await expect(start()).rejects.toMatchObject({
      code: 'empty_repository',
      help: expect.stringContaining('git push'),
    });
  });

  test('an unknown branch lists those there are', async () => {
    world.commit('main');
    world.commit('try', 'feature/x');
    await expect(start({ branch: 'nope' })).rejects.toMatchObject({
      code: 'unknown_branch',
      message: 'api has no branch "nope"; it has feature/x, main',
    });
  });

  test('an unknown commit says to push it', async () => {
    world.commit('main');
    await expect(start({ commit: 'abcdef' })).rejects.toMatchObject({
      code: 'unknown_commit',
      message: 'api has no commit "abcdef"',
      help: expect.stringContaining('Push it first'),
    });
  });

  test('an unknown environment lists those there are, and gives no run', async () => {
    world.commit('main');
    await expect(start({ environment: 'moon' })).rejects.toMatchObject({
      code: 'unknown_environment',
      message: 'project shop has no environment "moon"; it has staging, production',
    });
    expect(await world.events()).toEqual(['service.created by ada']);
  });

  test('a name that two projects use asks for the project', async () => {
    const { projects, services } = await import('../store/schema.ts');
    const [project] = await world.house.db.insert(projects).values({ name: 'bank' }).returning();
    const { settings } = (await world.target('staging')).service;
    await world.house.db.insert(services).values({ projectId: project?.id ?? 0, name: 'api', settings });
    await expect(start()).rejects.toMatchObject({
      code: 'bad_request',
      message: '"api" names more than one service: bank/api, shop/api',
    });
  });
});
