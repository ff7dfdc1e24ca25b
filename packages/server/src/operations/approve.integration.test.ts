import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalDeadlines } from '../runs/deadlines.ts';
import { runById } from '../store/runs.ts';
import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import { runDetail } from './show/run.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;
let run: number;

beforeEach(async () => {
  world = await World.open();
  await world.service();
  run = await world.push('first');
  await world.until(run, 'waiting');
});

afterEach(async () => {
  await world.close();
});

const answer = (given: object = {}, actor = ada) => approve(world.house, actor, { run, approve: true, ...given });
const stage = async (name: string) => (await runDetail(world.house.db, run)).stages.find((each) => each.name === name);
const day = 86_400_000;

test('a run that waits says for what, until when, and how to answer', async () => {
  const detail = await runDetail(world.house.db, run);
  expect(detail.reason).toBe(`waits for approval of production: towpath approve ${run}`);
  const left = Date.parse(detail.deadline ?? '') - Date.now();
  expect(left).toBeGreaterThan(6 * day);
  expect(await stage('approval production')).toMatchObject({ status: 'waiting', deadline: detail.deadline });
});

describe('the answer', () => {
  test('yes lets it go on, and names who gave it', async () => {
    await answer({ comment: 'looks good' });
    await world.until(run, 'succeeded');
    expect(await stage('approval production')).toMatchObject({
      status: 'succeeded',
      answeredBy: 'ada',
      reason: 'approved by ada: looks good',
      deadline: null,
      attempts: [{ status: 'succeeded', reason: 'approved by ada: looks good' }],
    });
    expect(await stage('deploy production')).toMatchObject({ status: 'succeeded' });
    expect(await world.events()).toContain('run.approved by ada');
  });

  test('no ends it, and nothing is deployed', async () => {
    expect(await answer({ approve: false, comment: 'not today' }, bob)).toMatchObject({
      status: 'cancelled',
      reason: 'approval production: declined by bob: not today',
      deadline: null,
    });
    expect(await stage('approval production')).toMatchObject({ status: 'cancelled', answeredBy: 'bob' });
    expect(await stage('deploy production')).toMatchObject({ status: 'skipped', reason: 'declined by bob: not today' });
    expect((await world.target('production')).row.releaseId).toBeNull();
    expect(await world.events()).toContain('run.declined by bob');
  });

  test('for another environment than the one that waits is refused', async () => {
    await expect(answer({ environment: 'staging' })).rejects.toMatchObject({
      code: 'not_waiting',
      message: `run #${run} waits for production, not for staging`,
    });
    expect((await runById(world.house.db, run)).status).toBe('waiting');
    await answer({ environment: 'production' });
  });

  test('of two people at once: one counts, the other is told', async () => {
    const both = await Promise.allSettled([answer({}, ada), answer({ approve: false }, bob)]);
    expect(both.map((each) => each.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'not_waiting' });
    const events = await world.events();
    expect(events.filter((name) => /^run\.(approved|declined)/.test(name))).toHaveLength(1);
  });

  test('to a run that does not wait says how it stands', async () => {
    await answer();
    await world.until(run, 'succeeded');
    await expect(answer()).rejects.toMatchObject({
      code: 'not_waiting',
      message: `run #${run} does not wait for an approval: it is succeeded`,
    });
  });
});

describe('the deadline', () => {
  const source = () => approvalDeadlines(world.house.db);

  test('ends a run that nobody answered, 40 days later as well', async () => {
    const deadline = await source().next();
    expect(deadline?.toISOString()).toBe((await runDetail(world.house.db, run)).deadline);
    await source().due(new Date(Date.now() + 6 * day));
    expect((await runById(world.house.db, run)).status).toBe('waiting');
    await source().due(new Date(Date.now() + 40 * day));
    const ended = await runDetail(world.house.db, run);
    expect(ended).toMatchObject({
      status: 'cancelled',
      reason: expect.stringMatching(/^nobody approved it by .* UTC$/),
    });
    expect(await stage('approval production')).toMatchObject({
      status: 'cancelled',
      reason: ended.reason,
      deadline: null,
    });
    expect(await stage('deploy production')).toMatchObject({ status: 'skipped', reason: ended.reason });
    expect(await source().next()).toBeNull();
    expect(await world.events()).toContain('run.ended by towpath');
  });

  test('found by two servers at once ends it once', async () => {
    const then = new Date(Date.now() + 8 * day);
    await Promise.all([source().due(then), source().due(then), source().due(then)]);
    expect((await world.events()).filter((name) => name === 'run.ended by towpath')).toHaveLength(1);
  });

  test.each(['yes', 'no', 'cancel'])('comes together with %s: one of them counts, whole', async (what) => {
    const then = new Date(Date.now() + 8 * day);
    const given = what === 'cancel' ? cancel(world.house, bob, { run }) : answer({ approve: what === 'yes' }, bob);
    const [answered] = await Promise.allSettled([given, source().due(then)]);
    const row = await runById(world.house.db, run);
    if (answered.status === 'fulfilled' && what === 'yes') {
      await world.until(run, 'succeeded');
    } else {
      expect(row).toMatchObject({ status: 'cancelled', deadline: null });
      expect(row.reason).toMatch(answered.status === 'fulfilled' ? /bob/ : /^nobody/);
      expect((await world.events()).filter((name) => name === 'run.ended by towpath')).toHaveLength(1);
    }
  });
});
