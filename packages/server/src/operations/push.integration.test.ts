import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRow } from '../store/runs.ts';
import { findService } from '../store/services.ts';
import { push, reconcilePushes } from './push.ts';
import { startRun } from './start-run.ts';
import { ada, bob, World } from './testing/world.ts';
import { updateService } from './update-service.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const tried = async (commit: string, actor = ada, branch = 'main') =>
  push(world.house, actor, { service: await findService(world.house.db, 'api'), branch, commit });

async function pushed(commit: string, actor = ada, branch = 'main'): Promise<RunRow> {
  const run = await tried(commit, actor, branch);
  if ('unwanted' in run) throw new Error(run.unwanted);
  return run;
}

describe('a push', () => {
  test('gives a run with what the commit says of itself', async () => {
    const commit = world.commit('Fix the thing');
    expect(await pushed(commit)).toMatchObject({
      branch: 'main',
      commit,
      message: 'Fix the thing',
      author: 'Ann',
      trigger: 'push',
      requestedBy: 'ada',
      status: 'queued',
    });
  });

  test('of the same commit twice, also by two at once, gives one run', async () => {
    const commit = world.commit('first');
    const runs = await Promise.all([pushed(commit), pushed(commit, bob), pushed(commit)]);
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect((await pushed(commit)).id).toBe(runs[0]?.id);
    expect(await world.events()).toHaveLength(2);
  });

  test('back to an earlier commit is a move of its own', async () => {
    const first = world.commit('first');
    const runs = [await pushed(first), await pushed(world.commit('second'))];
    world.house.source.move('shop/api', 'main', first);
    runs.push(await pushed(first));
    expect(new Set(runs.map((run) => run.id)).size).toBe(3);
  });

  test('that a later one overtook on its way gives no run, which would supersede the later one', async () => {
    const [first, second] = [world.commit('first'), world.commit('second')];
    const later = await pushed(second);
    expect(await tried(first)).toEqual({
      unwanted: `main stands at ${second.slice(0, 7)} by now, which is run #${later.id}`,
    });
  });

  test('that changes none of the files that start runs starts none; what changed since the last run counts', async () => {
    const patch = { triggers: { paths: ['src/**'] } };
    await updateService(world.house, ada, { service: 'api', patch });
    const commit = (files: Record<string, string>) => world.house.source.push('shop/api', { branch: 'main', files });
    const all = { 'src/a': '1', readme: '1' };
    expect(await tried(commit(all))).toMatchObject({ status: 'queued' });
    expect(await tried(commit({ ...all, readme: '2' }))).toEqual({
      unwanted: 'the one changed file is not in triggers.paths (src/**)',
    });
    expect(await reconcilePushes(world.house, () => {})).toEqual([]);
    expect(await tried(commit({ ...all, 'src/a': '2', readme: '2' }))).toMatchObject({ status: 'queued' });
    expect(await tried(commit({ ...all, 'src/a': '2', readme: '3' }))).toHaveProperty('unwanted');
  });

  test('of one commit to two branches gives a run for each', async () => {
    const commit = world.commit('first');
    expect((await pushed(commit, ada, 'release')).id).not.toBe((await pushed(commit)).id);
  });

  test('of a branch that starts none says so, also after the server has died', async () => {
    const patch = { triggers: { branches: ['main', 'release/*'] } };
    await updateService(world.house, ada, { service: 'api', patch });
    expect(await tried(world.commit('x', 'wip'), ada, 'wip')).toEqual({
      unwanted: 'branch wip is not in triggers.branches (main, release/*)',
    });
    expect(await tried(world.commit('y', 'release/1'), ada, 'release/1')).toMatchObject({ status: 'queued' });
    const started = await reconcilePushes(world.house, () => {});
    expect(started.map((run) => run.branch)).not.toContain('wip');
  });
});

describe('after a server has died', () => {
  const reconcile = () =>
    reconcilePushes(world.house, (repository, error) => {
      throw new Error(repository, { cause: error });
    });

  test('a branch that moved without its run gets it, once', async () => {
    const commit = world.commit('lost');
    const [both, again] = [await Promise.all([reconcile(), reconcile()]), await reconcile()];
    expect(new Set(both.flat().map((run) => run.id)).size).toBe(1);
    expect(both.flat()[0]).toMatchObject({ commit, branch: 'main', trigger: 'reconcile', requestedBy: 'towpath' });
    expect(again).toEqual([]);
  });

  test('a manual run of an older commit gives its branch no second run', async () => {
    const older = world.commit('first');
    await pushed(older);
    await pushed(world.commit('second'));
    await startRun(world.house, bob, { service: 'api', commit: older });
    expect(await reconcile()).toEqual([]);
  });

  test('a branch that was deleted gets none', async () => {
    world.commit('gone', 'feature/x');
    world.house.source.deleteBranch('shop/api', 'feature/x');
    expect(await reconcile()).toEqual([]);
  });

  test('a repository that cannot be read keeps no other from its run', async () => {
    await world.service('web');
    world.commit('one');
    world.commit('two', 'main', 'shop/web');
    world.house.source.failNext('branches', new Error('the mirror is damaged'));
    const failures: string[] = [];
    const found = await reconcilePushes(world.house, (repository) => failures.push(repository));
    expect(found.map((run) => run.message)).toEqual(['two']);
    expect(failures).toEqual(['shop/api']);
  });
});
