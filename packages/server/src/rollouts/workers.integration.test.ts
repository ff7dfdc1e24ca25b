import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deploymentById, readLedger, updateDeployment } from '../store/deployments.ts';
import { releaseById } from '../store/releases.ts';
import { setReplicas, setWorkerReplicas, targetById } from '../store/targets.ts';
import { requestDeployment } from './request.ts';
import { type More, RolloutWorld } from './testing/world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.open();
});

afterEach(async () => {
  await world.close();
});

const worker = (more: { replicas?: number; swap?: 'overlap' | 'exclusive' } = {}) =>
  ({ kind: 'worker', command: 'mail', ...more }) as const;
const overlap: More = { processes: { mailer: worker(), report: { kind: 'job', command: 'report' } } };
const exclusive: More = { processes: { mailer: worker({ swap: 'exclusive' }), clock: worker() } };
const silent: More = { start: null, processes: { mailer: worker() } };

const ship = (digest: string, more: More, place = -1) =>
  world.request(digest, 1_000, 1_000, more).then((deployment) => world.run(deployment, place, 'applies'));

/** What is up, by release and process: `1 mailer`. */
const up = () =>
  [...world.cluster.replicas.values()]
    .filter((each) => each.phase === 'running' || each.phase === 'starting' || each.phase === 'backoff')
    .map(({ name }) => `${name.release.slice('release/'.length)} ${name.process}`)
    .sort();

/** Lets the workers of a release end at once. */
const breaks = (release: string) => {
  world.cluster.knobs.script = ({ type }, of) =>
    type === 'http'
      ? { listens: 'PORT', onTerm: 'end' }
      : { listens: 'nowhere', onTerm: 'end', ...(of === release ? { exits: 1 } : {}) };
};

/** Notes whether replicas of both releases of a process that must not overlap are there at once. */
const watchOverlap = (process: string): (() => boolean) => {
  let seen = false;
  const platform = world.house.platform;
  const observe = platform.observe.bind(platform);
  platform.observe = async (target) => {
    const there = (await observe(target)).filter((each) => each.process === process && each.phase !== 'stopped');
    if (new Set(there.map((each) => each.release)).size > 1) seen = true;
    return observe(target);
  };
  return () => seen;
};

describe('a worker', () => {
  test('comes with its release, and a job does not', async () => {
    const { row } = await ship('one', overlap);
    expect(row).toMatchObject({ status: 'succeeded' });
    expect(up()).toEqual(['1 http', '1 mailer']);
    const [mailer] = [...world.cluster.replicas.values()].filter(({ name }) => name.process === 'mailer');
    expect(mailer?.process).toMatchObject({ argv: ['sh', '-c', 'mail'], env: { TOWPATH_RELEASE: 'v1' } });
    expect(world.broken).toEqual([]);
  });

  test('is replaced with its release', async () => {
    await ship('one', overlap);
    const { row } = await ship('two', overlap);
    expect(row).toMatchObject({ status: 'succeeded', reason: 'replaced v1' });
    expect(up()).toEqual(['2 http', '2 mailer']);
    expect(world.broken).toEqual([]);
  });

  test('that overlaps runs before the old one stops', async () => {
    await ship('one', overlap);
    const overlapped = watchOverlap('mailer');
    await ship('two', overlap);
    expect(overlapped()).toBe(true);
  });

  test('that is exclusive never runs beside the old one, forth and back', async () => {
    await ship('one', exclusive);
    const overlapped = watchOverlap('mailer');
    await ship('two', exclusive);
    expect(up()).toEqual(['2 clock', '2 http', '2 mailer']);
    breaks('release/3');
    expect((await ship('three', exclusive)).row.status).toBe('rolled_back');
    expect(up()).toEqual(['2 clock', '2 http', '2 mailer']);
    expect(overlapped()).toBe(false);
  });

  test('that ends at once fails the deployment, and the old ones are back', async () => {
    await ship('one', overlap);
    breaks('release/2');
    const { row } = await ship('two', overlap);
    expect(row).toMatchObject({ status: 'rolled_back', reason: expect.stringMatching(/^mailer: exited with code 1/) });
    expect(await world.state()).toMatchObject({ live: 'release/1', routed: ['release/1 100'] });
    expect(up()).toEqual(['1 http', '1 mailer']);
    expect(world.broken).toEqual([]);
  });

  test('of the first release that ends at once leaves nothing behind', async () => {
    breaks('release/1');
    expect((await ship('one', overlap)).row.status).toBe('failed');
    expect(await world.state()).toEqual({ live: null, routed: [], running: [] });
  });

  test('goes with a release that has none any more', async () => {
    await ship('one', overlap);
    await ship('two', {});
    expect(up()).toEqual(['2 http']);
  });

  test('runs as often as its settings say, until somebody scales it', async () => {
    const two: More = { processes: { mailer: worker({ replicas: 2 }) } };
    const { row } = await ship('one', two);
    expect(up()).toEqual(['1 http', '1 mailer', '1 mailer']);
    const target = await targetById(world.house.db, row.targetId);
    await setWorkerReplicas(world.house.db, target.row, 'mailer', 3);
    await ship('two', two);
    expect(up().filter((each) => each === '2 mailer')).toHaveLength(3);
  });

  test('is left alone, and nothing routed is dropped, when http is scaled down', async () => {
    const { db } = world.house;
    const { row } = await ship('one', overlap);
    const to = async (replicas: number) => {
      await setReplicas(db, row.targetId, replicas);
      const target = await targetById(db, row.targetId);
      const release = await releaseById(db, row.releaseId);
      const wish = { target, release, cause: 'scale', runId: null, requestedBy: 'ada' } as const;
      const deployment = await world.begin(await requestDeployment(db, wish));
      expect((await world.run(deployment)).row.status).toBe('succeeded');
    };
    await to(3);
    expect(up()).toEqual(['1 http', '1 http', '1 http', '1 mailer']);
    await to(1);
    expect(up()).toEqual(['1 http', '1 mailer']);
    expect(world.broken).toEqual([]);
  });

  test('of a service without http is all that runs, and nothing is routed', async () => {
    expect((await ship('one', silent)).row).toMatchObject({ status: 'succeeded' });
    expect(await world.state()).toMatchObject({ live: 'release/1', routed: [] });
    expect((await ship('two', silent)).row).toMatchObject({ status: 'succeeded' });
    expect(up()).toEqual(['2 mailer']);
    breaks('release/3');
    const { row } = await ship('three', silent);
    expect(row.reason).toMatch(/^mailer: exited with code 1/);
    expect(up()).toEqual(['2 mailer']);
  });

  test('is not waited for when a person cancels', async () => {
    await ship('one', overlap);
    world.cluster.knobs.startMs = (release) => (release === 'release/2' ? 300 : 0);
    const deployment = await world.request('two', 60_000, 1_000, silent);
    const ended = world.run(deployment);
    await expect
      .poll(async () => (await readLedger(world.house.db, deployment.id)).map((each) => each.what))
      .toContain('workers');
    await updateDeployment(world.house.db, deployment.id, { cancelledBy: 'ada' });
    expect((await ended).row).toMatchObject({ status: 'cancelled' });
    expect(up()).toEqual(['1 http', '1 mailer']);
  });
});

/** More than a workflow has places to crash at; those beyond its end don't happen. */
const places = Array.from({ length: 22 }, (_, index) => index);

describe('after a crash', () => {
  test.each(places)('at place %i a replacement ends as without one', async (place) => {
    await ship('one', exclusive);
    const overlapped = watchOverlap('mailer');
    expect((await ship('two', exclusive, place)).row.status).toBe('succeeded');
    expect(up()).toEqual(['2 clock', '2 http', '2 mailer']);
    expect(overlapped()).toBe(false);
    expect(world.broken).toEqual([]);
  });

  test.each(places)('at place %i an abort for a worker ends as without one', async (place) => {
    await ship('one', exclusive);
    breaks('release/2');
    const overlapped = watchOverlap('mailer');
    const { row } = await ship('two', exclusive, place);
    expect(row.status).toBe('rolled_back');
    expect(up()).toEqual(['1 clock', '1 http', '1 mailer']);
    expect(overlapped()).toBe(false);
    expect(world.broken).toEqual([]);
    expect((await deploymentById(world.house.db, row.id)).endedAt).not.toBeNull();
  });

  test('the places cover the whole workflow', async () => {
    await ship('one', exclusive);
    expect((await ship('two', exclusive, 16)).crashed).toBe(true);
    expect((await ship('three', exclusive, places.length)).crashed).toBe(false);
  });
});
