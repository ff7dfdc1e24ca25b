import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { releaseSecrets } from '../rollouts/release-secrets.ts';
import { sql } from '../store/drizzle.ts';
import { listReleases } from '../store/releases.ts';
import { getConfig, setConfig } from './config.ts';
import { listEvents } from './events.ts';
import { listReleases as shownReleases } from './list-releases.ts';
import { getDeployment } from './read.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service();
});

afterEach(async () => {
  await world.close();
});

const staging = { service: 'api', environment: 'staging' };
const set = (config: Record<string, string | null>, secrets: Record<string, string | null> = {}, actor = ada) =>
  setConfig(world.house, actor, { ...staging, config, secrets });
const get = () => getConfig(world.house, ada, staging);

const releases = async () => listReleases(world.house.db, (await world.target('staging')).row.id, 10);

/** The environment of the replicas that run now. */
const environments = () =>
  [...world.house.platform.cluster.replicas.values()]
    .filter((each) => each.phase === 'running' && each.process.env.TOWPATH_TARGET === 'shop/api/staging')
    .map((each) => each.process.env);

describe('while nothing is live', () => {
  test('entries are kept, and no release is made', async () => {
    expect(await set({ COLOUR: 'red' }, { TOKEN: 'hunter2' })).toEqual({
      config: { config: { COLOUR: 'red' }, secrets: ['TOKEN'] },
      changed: ['COLOUR', 'TOKEN'],
      deployment: null,
    });
    expect(await releases()).toEqual([]);
  });

  test('other environments have their own', async () => {
    await set({ COLOUR: 'red' });
    expect(await getConfig(world.house, ada, { ...staging, environment: 'production' })).toEqual({
      config: {},
      secrets: [],
    });
  });

  test('the first release has them', async () => {
    await set({ COLOUR: 'red' }, { TOKEN: 'hunter2' });
    await world.until(await world.push('first'), 'waiting');
    expect(environments()).toMatchObject([{ COLOUR: 'red', TOKEN: 'hunter2' }]);
  });
});

describe('what is live', () => {
  beforeEach(async () => {
    await world.until(await world.push('first'), 'waiting');
  });

  test('is listed with what each release changed, by name', async () => {
    await deployed(set({ COLOUR: 'red' }, { TOKEN: 'hunter2' }));
    await deployed(set({ COLOUR: 'blue' }, { TOKEN: null }));
    const input = { ...staging, limit: 2 };
    const { releases: listed, next } = await shownReleases(world.house, ada, input);
    expect(listed).toMatchObject([
      {
        version: 3,
        changes: { since: 2, commit: null, config: { changed: ['COLOUR'] }, secrets: { removed: ['TOKEN'] } },
      },
      { version: 2, changes: { since: 1, config: { added: ['COLOUR'] }, secrets: { added: ['TOKEN'] } } },
    ]);
    expect(JSON.stringify(listed)).not.toMatch(/hunter2|"red"|"blue"/);
    expect(next).toBe(2);
    const rest = await shownReleases(world.house, ada, { ...input, before: 2 });
    expect(rest).toMatchObject({ releases: [{ version: 1, title: 'first', changes: null }], next: null });
  });

  const deployed = async (change: ReturnType<typeof set>) => {
    const { deployment } = await change;
    if (deployment === null) throw new Error('there was no deployment');
    const over = async () => {
      const now = await getDeployment(world.house, ada, deployment);
      return now.endedAt === null ? null : now;
    };
    return world.house.changes.until('deployment', deployment.deployment, over, { pollMs: 200 });
  };

  test('gets one new release for one call, with the same artifact', async () => {
    const done = await deployed(set({ COLOUR: 'red', SIZE: '3' }, { TOKEN: 'hunter2' }, bob));
    expect(done).toMatchObject({ version: 2, cause: 'config', status: 'succeeded', requestedBy: 'bob' });
    const [second, first, ...more] = await releases();
    expect(more).toEqual([]);
    expect(second?.artifactDigest).toBe(first?.artifactDigest);
    expect(environments()).toMatchObject([{ COLOUR: 'red', SIZE: '3', TOKEN: 'hunter2', TOWPATH_RELEASE: 'v2' }]);
    expect(await world.events()).toContain('config.changed by bob');
  });

  test('gets none for entries that are as they were', async () => {
    await deployed(set({ COLOUR: 'red' }, { TOKEN: 'hunter2' }));
    const events = await world.events();
    for (const change of [set({ COLOUR: 'red' }, { TOKEN: 'hunter2' }), set({ NOPE: null }, { NADA: null }), set({})]) {
      expect(await change).toMatchObject({ changed: [], deployment: null });
    }
    expect(await world.events()).toEqual(events);
    expect(await set({ COLOUR: 'red', SIZE: '3' })).toMatchObject({ changed: ['SIZE'], deployment: { version: 3 } });
  });

  test('loses what is removed', async () => {
    await deployed(set({ COLOUR: 'red' }, { TOKEN: 'hunter2' }));
    await deployed(set({ COLOUR: null }, { TOKEN: null }));
    const [env] = environments();
    expect(env).not.toHaveProperty('COLOUR');
    expect(env).not.toHaveProperty('TOKEN');
    expect(await get()).toEqual({ config: {}, secrets: [] });
  });

  test('a name that was config becomes a secret, and back', async () => {
    await deployed(set({ TOKEN: 'visible' }));
    await deployed(set({}, { TOKEN: 'hunter2' }));
    expect(await get()).toEqual({ config: {}, secrets: ['TOKEN'] });
    expect(environments()).toMatchObject([{ TOKEN: 'hunter2' }]);
    await deployed(set({ TOKEN: 'visible' }));
    expect(await get()).toEqual({ config: { TOKEN: 'visible' }, secrets: [] });
    expect(environments()).toMatchObject([{ TOKEN: 'visible' }]);
  });

  test('of changes by two at once none is lost', async () => {
    await Promise.all([deployed(set({ A: '1' })), deployed(set({ B: '2' }, {}, bob)), deployed(set({}, { C: '3' }))]);
    expect(environments()).toMatchObject([{ A: '1', B: '2', C: '3' }]);
  });

  test('a change while a deployment waits for its turn goes onto the artifact that comes', async () => {
    world.house.platform.cluster.knobs.startMs = () => 300;
    const run = await world.push('second');
    const requested = async () => ((await releases()).length > 1 ? true : null);
    await world.house.changes.until('deployment', null, requested, { pollMs: 20 });
    await deployed(set({ COLOUR: 'red' }));
    const { artifact } = await world.until(run, 'waiting');
    expect((await releases())[0]).toMatchObject({ artifactDigest: artifact, cause: 'config' });
    expect(environments()).toMatchObject([{ COLOUR: 'red' }]);
  });
});

describe('names', () => {
  test.each(['PORT', 'TOWPATH_RELEASE', 'TOWPATH_'])('%s is set by Towpath', async (name) => {
    await expect(set({ [name]: '1' })).rejects.toMatchObject({
      code: 'bad_request',
      message: `${name} is set by Towpath`,
    });
  });

  test.each(['', '1A', 'A-B', 'A B', 'Ä', 'A=B', 'A\n'])('%j is none', async (name) => {
    await expect(set({}, { [name]: '1' })).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('is not a name for an environment variable'),
    });
  });

  test('the same one as config and as a secret is refused, and nothing is kept', async () => {
    await expect(set({ A: '1', B: '2' }, { B: '3' })).rejects.toMatchObject({
      code: 'bad_request',
      message: 'B is given both as config and as a secret',
    });
    expect(await get()).toEqual({ config: {}, secrets: [] });
  });
});

test('the value of a secret is in no row, no event and no answer', async () => {
  await world.until(await world.push('first'), 'waiting');
  const answers = [await set({ COLOUR: 'red' }, { TOKEN: 'hunter2-hunter2' }), await get()];
  answers.push(await set({}, { OTHER: 'hunter2-hunter2-too' }));
  const events = await listEvents(world.house, ada, { after: 0, limit: 500 });
  const { rows } = await world.house.db.execute<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const tables = [];
  for (const { name } of rows) {
    const found = await world.house.db.execute<{ row: string }>(
      sql`select t::text || encode(convert_to(t::text, 'utf8'), 'base64') as row from ${sql.identifier(name)} t`,
    );
    tables.push(...found.rows.map((each) => each.row));
  }
  expect(tables.join('\n')).toContain('red');
  const clear = JSON.stringify([answers, events, tables]);
  for (const form of ['hunter2', Buffer.from('hunter2-hunter2').toString('hex'), btoa('hunter2-hunter2')]) {
    expect(clear).not.toContain(form);
  }
  const [newest] = await releases();
  if (newest === undefined) throw new Error('there is no release');
  expect(releaseSecrets(world.house.secrets, newest)).toEqual({
    TOKEN: 'hunter2-hunter2',
    OTHER: 'hunter2-hunter2-too',
  });
});
