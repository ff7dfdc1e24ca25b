import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../store/drizzle.ts';
import { listReleases as newestReleases } from '../store/releases.ts';
import { approve } from './approve.ts';
import { setConfig } from './config.ts';
import { hold } from './hold.ts';
import { listReleases } from './list-releases.ts';
import { type Promotion, promote } from './promote.ts';
import { getDeployment } from './read.ts';
import { rollback } from './rollback.ts';
import { ada, bob, World } from './testing/world.ts';
import { updateService } from './update-service.ts';

let world: World;
const production = { service: 'api', environment: 'production' };

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

const bring = (given: Partial<Promotion> = {}) => promote(world.house, bob, { ...production, ...given });

const live = () => {
  const replicas = [...world.house.platform.cluster.replicas.values()];
  return replicas.find((each) => each.phase === 'running' && each.process.env.TOWPATH_TARGET === 'shop/api/production');
};

test('brings what is live in the environment before, with the config of this one', async () => {
  const entries = (environment: string, colour: string) =>
    setConfig(world.house, ada, { service: 'api', environment, config: { COLOUR: colour }, secrets: { T: colour } });
  await entries('staging', 'red');
  await entries('production', 'green');
  const { artifact } = await world.until(await world.push('first'), 'waiting');
  const done = await ended(await bring());
  expect(done).toMatchObject({ status: 'succeeded', cause: 'promote', artifact, requestedBy: 'bob', run: null });
  expect(live()?.process.env).toMatchObject({ COLOUR: 'green', T: 'green', TOWPATH_RELEASE: 'v1' });
  const built = [...world.house.executor.machine.commands.keys()].filter((key) => key.includes(':build:'));
  expect(built).toEqual([]);
  expect(await world.events()).toContain('release.created by bob');
});

test('brings an earlier version when it is named', async () => {
  const first = await world.until(await world.push('first'), 'waiting');
  await world.until(await world.push('second'), 'waiting');
  expect(await ended(await bring({ version: 1 }))).toMatchObject({ artifact: first.artifact, status: 'succeeded' });
});

/** The newest release of production as it is stored. */
const stored = async () => {
  const [release] = await newestReleases(world.house.db, (await world.target('production')).row.id, 1);
  if (release === undefined) throw new Error('production has no release');
  return release;
};

const ofStaging = {
  env: { LEVEL: 'debug', SHARED: 'yes' },
  replicas: 1,
  health: { path: '/staging' },
  release: 'migrate --sample-data',
  processes: { mailer: { command: 'mail --dry-run' }, sampler: { command: 'sample' } },
};
const ofProduction = {
  env: { LEVEL: 'warn' },
  replicas: 3,
  health: { path: '/ready', startTimeout: '90s' },
  release: 'migrate',
  timeouts: { drain: '20s' },
  processes: { mailer: { command: 'mail', replicas: 2 }, sampler: false as const },
};
const settings = {
  start: 'serve',
  env: { SHARED: 'yes' },
  environments: { staging: ofStaging, production: ofProduction },
};

test('takes the artifact, and the settings of the environment that it comes to', async () => {
  await updateService(world.house, ada, { service: 'api', patch: settings });
  await world.until(await world.push('first'), 'waiting');
  expect(await ended(await bring())).toMatchObject({ status: 'succeeded' });
  expect((await stored()).config).toMatchObject({
    start: { kind: 'command', command: 'serve' },
    env: { LEVEL: 'warn', SHARED: 'yes' },
    health: { path: '/ready', startMs: 90_000 },
    release: 'migrate',
    drainMs: 20_000,
    processes: { mailer: { kind: 'worker', command: 'mail', replicas: 2 } },
  });
  expect(Object.keys((await stored()).config.processes)).toEqual(['mailer']);
  expect(live()?.process.env).toMatchObject({ LEVEL: 'warn', SHARED: 'yes' });
  expect((await world.target('production')).row.replicas).toBe(3);
});

test('gives the same release as the run that goes on to that environment', async () => {
  await updateService(world.house, ada, { service: 'api', patch: settings });
  const run = await world.push('first');
  await world.until(run, 'waiting');
  await ended(await bring());
  const promoted = await stored();
  await approve(world.house, ada, { run, approve: true });
  await world.until(run, 'succeeded');
  const { version, artifactDigest, config } = await stored();
  expect(version).toBe(promoted.version + 1);
  expect({ artifactDigest, config }).toEqual({ artifactDigest: promoted.artifactDigest, config: promoted.config });
});

test('finds the run also of a release that a change of config or a rollback made; later settings wait for the next run', async () => {
  await updateService(world.house, ada, { service: 'api', patch: settings });
  await world.until(await world.push('first'), 'waiting');
  const staging = { service: 'api', environment: 'staging' };
  const { deployment } = await setConfig(world.house, ada, { ...staging, config: { COLOUR: 'red' }, secrets: {} });
  if (deployment === null) throw new Error('the change made no release');
  await ended(deployment);
  await updateService(world.house, ada, { service: 'api', patch: { env: { SHARED: 'later' } } });
  await ended(await bring());
  expect((await stored()).config).toMatchObject({ env: { LEVEL: 'warn', SHARED: 'yes' }, variables: {} });

  await ended(await rollback(world.house, ada, { ...staging, version: 1 }));
  await ended(await bring());
  expect((await stored()).config).toMatchObject({ env: { LEVEL: 'warn', SHARED: 'yes' } });
});

test('says so when the run is gone, and takes the settings as they were released before', async () => {
  await updateService(world.house, ada, { service: 'api', patch: settings });
  await world.until(await world.push('first'), 'waiting');
  await forgetRuns();
  const asked = await bring();
  expect(asked.ledger).toMatchObject([{ what: 'settings', data: { reason: expect.stringMatching(gone) } }]);
  expect(asked.reason).toMatch(gone);
  expect(await ended(asked)).toMatchObject({ status: 'succeeded' });
  expect((await stored()).config).toMatchObject({ env: { LEVEL: 'debug' }, health: { path: '/staging' } });
});
const gone = /the run that built v1 is not known any more: it comes with the settings that it has in staging$/;

/** As if they had been cleared away: nothing says any more what built the releases. */
async function forgetRuns(): Promise<void> {
  await world.house.db.execute(sql`update releases set run_id = null`);
  await world.house.db.execute(sql`update runs set artifact_digest = null`);
}

test('is refused where its settings leave nothing to start', async () => {
  const worker = { processes: { mailer: { command: 'mail' } } };
  const none = { environments: { production: { processes: { mailer: false as const } } } };
  await world.service('mailer', { ...worker, ...none });
  await world.until(await world.push('first', 'main', 'shop/mailer'), 'waiting');
  await expect(promote(world.house, bob, { service: 'mailer', environment: 'production' })).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(/^nothing to start in production; .*towpath service set mailer --start/),
  });
});

test('goes past a hold, and leaves it', async () => {
  await world.until(await world.push('first'), 'waiting');
  await hold(world.house, ada, production);
  expect(await ended(await bring())).toMatchObject({ status: 'succeeded' });
  expect((await world.target('production')).row.heldBy).toBe('ada');
});

test('by two at once ends with one release live, and both know their end', async () => {
  await world.until(await world.push('first'), 'waiting');
  const both = await Promise.all([bring(), promote(world.house, ada, production)]);
  const ends = await Promise.all(both.map(ended));
  expect(ends.map((each) => each.status)).toContain('succeeded');
  for (const { status } of ends) expect(['succeeded', 'superseded']).toContain(status);
  const { releases } = await listReleases(world.house, ada, { ...production, limit: 10 });
  expect(releases.map((each) => each.version)).toEqual([2, 1]);
  expect(releases.filter((each) => each.live)).toHaveLength(1);
});

test.each([
  ['nothing is released before it', {}, 'no_release', /^api has no release in staging yet$/],
  ['itself', { from: 'production' }, 'bad_request', /^production cannot be promoted to itself$/],
  ['an environment that there is not', { from: 'moon' }, 'unknown_environment', /it has staging, production$/],
  ['nothing stands before it', { environment: 'staging' }, 'bad_request', /^no environment stands before staging/],
  ['a version that there is not', { version: 7 }, 'unknown_release', /^api has no release v7 in staging$/],
])('is refused: %s', async (_what, given, code, message) => {
  await expect(bring(given)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await world.events()).toEqual(['service.created by ada']);
});
