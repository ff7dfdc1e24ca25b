import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDeployments } from '../store/deployments.ts';
import { setConfig } from './config.ts';
import { getDeployment } from './read.ts';
import { type Rollback, rollback } from './rollback.ts';
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

const ended = async ({ deployment }: { deployment: number }) => {
  const over = async () => {
    const now = await getDeployment(world.house, ada, { deployment });
    return now.endedAt === null ? null : now;
  };
  return world.house.changes.until('deployment', deployment, over, { pollMs: 200 });
};

const back = (given: Partial<Rollback> = {}) => rollback(world.house, bob, { ...staging, ...given });

/** v1, v2, … live one after the other in staging; their artifacts. */
const ship = async (...texts: string[]) => {
  const runs = [];
  for (const text of texts) runs.push(await world.until(await world.push(text), 'waiting'));
  return runs.map(({ artifact, commit }) => ({ artifact, commit }));
};

const environment = () => {
  const replicas = [...world.house.platform.cluster.replicas.values()];
  return replicas.find((each) => each.phase === 'running')?.process.env;
};

test('makes a new release of what was live before, and holds', async () => {
  const [, second] = await ship('one', 'two', 'three');
  expect(await ended(await back())).toMatchObject({
    version: 4,
    fromVersion: 3,
    artifact: second?.artifact,
    cause: 'rollback',
    status: 'succeeded',
    requestedBy: 'bob',
  });
  const { row } = await world.target('staging');
  expect(row).toMatchObject({ heldBy: 'bob', heldReason: 'rolled back to v2' });
  expect(await world.events()).toEqual(expect.arrayContaining(['release.created by bob', 'target.held by bob']));
  const { stages } = await world.until(await world.push('four'), 'waiting');
  expect(stages[4]).toMatchObject({ status: 'skipped', reason: 'held by bob: rolled back to v2' });
});

test('a second one goes further back, not forward again', async () => {
  const [first] = await ship('one', 'two', 'three');
  await ended(await back());
  expect(await ended(await back())).toMatchObject({ version: 5, artifact: first?.artifact, status: 'succeeded' });
  await expect(back()).rejects.toMatchObject({ code: 'nothing_to_roll_back_to' });
});

test('by version, and by the start of a commit', async () => {
  const [first, second] = await ship('one', 'two', 'three');
  expect(await ended(await back({ version: 1, reason: 'it leaks' }))).toMatchObject({ artifact: first?.artifact });
  expect((await world.target('staging')).row.heldReason).toBe('it leaks');
  const commit = second?.commit.slice(0, 9) ?? '';
  expect(await ended(await back({ commit }))).toMatchObject({ artifact: second?.artifact });
});

test('brings config and secrets of that time', async () => {
  const entries = (colour: string) =>
    setConfig(world.house, ada, { ...staging, config: { COLOUR: colour }, secrets: { TOKEN: `${colour}-token` } });
  await entries('red');
  await ship('one');
  const { deployment } = await entries('green');
  if (deployment !== null) await ended(deployment);
  expect(environment()).toMatchObject({ COLOUR: 'green', TOKEN: 'green-token' });
  await ended(await back());
  expect(environment()).toMatchObject({ COLOUR: 'red', TOKEN: 'red-token', TOWPATH_RELEASE: 'v3' });
});

test('by two at once brings one release, and both know their end', async () => {
  await ship('one', 'two');
  const both = await Promise.all([back(), rollback(world.house, ada, staging)]);
  const ends = await Promise.all(both.map(ended));
  for (const { status } of ends) expect(['succeeded', 'superseded']).toContain(status);
  expect(ends.filter((each) => each.status === 'succeeded').length).toBeGreaterThan(0);
  expect(environment()?.TOWPATH_COMMIT).toBe(ends[0]?.commit);
  expect(new Set(ends.map((each) => each.artifact)).size).toBe(1);
});

describe('while another release is on its way', () => {
  /** A third release that never gets ready, and its run. */
  const stuck = async () => {
    world.house.platform.cluster.knobs.startMs = (release) => (release === 'release/3' ? Number.POSITIVE_INFINITY : 0);
    const run = await world.push('three');
    const begun = async () => {
      const [open] = await openDeployments(world.house.db);
      return open?.status === 'running' ? true : null;
    };
    await world.house.changes.until('deployment', null, begun, { pollMs: 50 });
    return run;
  };

  test('it goes ahead of it', async () => {
    const [first] = await ship('one', 'two');
    const run = await stuck();
    expect(await ended(await back())).toMatchObject({ artifact: first?.artifact, status: 'succeeded' });
    const { stages } = await world.until(run, 'superseded');
    expect(stages[4]?.reason).toMatch(/^superseded by deployment \d+$/);
  });

  test('to the live one keeps it live', async () => {
    const [, second] = await ship('one', 'two');
    const run = await stuck();
    expect(await ended(await back({ version: 2 }))).toMatchObject({ artifact: second?.artifact, status: 'succeeded' });
    await world.until(run, 'superseded');
    expect(environment()?.TOWPATH_COMMIT).toBe(second?.commit);
  });
});

test.each([
  ['before the first release', 0, {}, 'no_release', /^api has no release in staging yet$/],
  ['from the first release', 1, {}, 'nothing_to_roll_back_to', /nothing was live before v1$/],
  ['to what is live', 1, { version: 1 }, 'same_release', /v1 is live$/],
  ['to a version that there is not', 1, { version: 9 }, 'unknown_release', /there is no release v9$/],
  ['to a commit that there is not', 1, { commit: 'ffff' }, 'unknown_release', /of commit ffff$/],
])('is refused %s', async (_what, releases, given, code, message) => {
  if (releases > 0) await ship('one');
  await expect(back(given)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect((await world.target('staging')).row.heldBy).toBeNull();
});
