import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheScopes } from '../../domain/cache/scope.ts';
import { removeTree } from '../../tree.ts';
import { type CacheOptions, type CachePlan, type Caches, type Guard, openCaches } from './caches.ts';

const files = 60;
const day = 24 * 3_600_000;
const trusted = cacheScopes({ service: 1, branch: 'main', trusted: true });
const ours: Guard = (step) => step();

let dataDir: string;
let troubles: string[];
let caches: Caches;
let places: number;

const entries = () => (existsSync(join(dataDir, 'caches/entries')) ? readdirSync(join(dataDir, 'caches/entries')) : []);
const parts = () => (existsSync(join(dataDir, 'caches/parts')) ? readdirSync(join(dataDir, 'caches/parts')) : []);
const entry = (): string => join(dataDir, 'caches/entries', entries()[0] ?? 'none');

beforeEach(() => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-caches-')));
  troubles = [];
  places = 0;
  caches = server();
});

afterEach(async () => {
  await caches.settled();
  await removeTree(dataDir);
});

/** Another server on the same folder. */
function server(options: Partial<CacheOptions> = {}): Caches {
  return openCaches({
    dataDir,
    bounds: { bytes: 1e9, idleMs: day },
    env: {},
    log: (message, error) => troubles.push(`${message}: ${String(error)}`),
    toolchain: async () => 'node',
    ...options,
  });
}

/** A plan for a new checkout. */
async function checkout(key = 'a'.repeat(40)): Promise<CachePlan> {
  const folder = join(dataDir, 'workspaces', `${places++}`);
  await mkdir(folder, { recursive: true });
  return { key, lockfile: 'package-lock.json', place: join(folder, 'node_modules') };
}

async function install(place: string, text = 'kept'): Promise<void> {
  await mkdir(join(place, '.bin'), { recursive: true });
  await mkdir(join(place, 'empty'));
  for (let index = 0; index < files; index++) {
    await mkdir(join(place, `p${index}`, 'lib'), { recursive: true });
    await writeFile(join(place, `p${index}`, 'lib', 'index.js'), `${text} ${index}`);
  }
  await chmod(join(place, 'p0/lib/index.js'), 0o755);
  await symlink('../p0/lib/index.js', join(place, '.bin/p0'));
}

async function installed(key?: string, scopes = trusted, text?: string): Promise<CachePlan> {
  const plan = await checkout(key);
  await install(plan.place, text);
  expect(await caches.save(plan, scopes, ours)).toBe(true);
  await caches.settled();
  return plan;
}

async function expectWhole(place: string, text = 'kept'): Promise<void> {
  for (let index = 0; index < files; index++) {
    expect(await readFile(join(place, `p${index}`, 'lib', 'index.js'), 'utf8')).toBe(`${text} ${index}`);
  }
  expect((await stat(join(place, 'p0/lib/index.js'))).mode & 0o777).toBe(0o755);
  expect(await readlink(join(place, '.bin/p0'))).toBe('../p0/lib/index.js');
  expect(readdirSync(join(place, 'empty'))).toEqual([]);
}

const dropSpares = () => rm(join(entry(), 'spares'), { recursive: true }).then(() => mkdir(join(entry(), 'spares')));

describe('what was saved', () => {
  test.each([
    ['a copy that lies ready', false],
    ['a copy made now', true],
  ])('is restored from %s', async (_what, bare) => {
    await installed();
    if (bare) await dropSpares();
    const plan = await checkout();
    expect(await caches.restore(plan, trusted, ours)).toMatchObject({ tookMs: expect.any(Number) });
    await expectWhole(plan.place);
    await caches.settled();
    expect(readdirSync(join(entry(), 'spares'))).toHaveLength(1);
    expect(parts()).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('is not harmed by what a run does to its own copy', async () => {
    const first = await installed();
    await appendFile(join(first.place, 'p1/lib/index.js'), 'changed');
    for (let turn = 0; turn < 3; turn++) {
      const plan = await checkout();
      expect(await caches.restore(plan, trusted, ours)).not.toBeNull();
      await expectWhole(plan.place);
      await appendFile(join(plan.place, 'p1/lib/index.js'), 'changed');
      await rm(join(plan.place, 'p2'), { recursive: true });
    }
  });

  test('is thrown away when somebody wrote to it', async () => {
    await installed();
    const [spare = ''] = readdirSync(join(entry(), 'spares'));
    await appendFile(join(entry(), 'spares', spare, 'p3/lib/index.js'), 'poison');
    const plan = await checkout();
    expect(await caches.restore(plan, trusted, ours)).not.toBeNull();
    await expectWhole(plan.place);
    await caches.settled();

    await dropSpares();
    // Same size, same time of change as a program may set it: only the system's own time tells.
    const file = join(entry(), 'tree/p4/lib/index.js');
    await writeFile(file, 'KEPT 4');
    expect(await caches.restore(await checkout(), trusted, ours)).toBeNull();
    expect(entries()).toEqual([]);
  });

  test('is not put over what lies there', async () => {
    await installed();
    const plan = await checkout();
    await mkdir(plan.place);
    await writeFile(join(plan.place, 'own'), '');
    expect(await caches.restore(plan, trusted, ours)).toBeNull();
    expect(readdirSync(plan.place)).toEqual(['own']);
  });

  test('stays when another saves under the same key', async () => {
    await installed();
    const other = await checkout();
    await install(other.place, 'other');
    expect(await server().save(other, trusted, ours)).toBe(true);
    const plan = await checkout();
    await caches.restore(plan, trusted, ours);
    await expectWhole(plan.place);
  });
});

describe('several at once', () => {
  test('two servers that save under one key keep one whole entry', async () => {
    const others = [server(), server(), server()];
    const plans = await Promise.all(others.map(() => checkout()));
    for (const [index, plan] of plans.entries()) await install(plan.place, `by${index}`);
    const saved = await Promise.all(others.map((each, index) => each.save(plans[index] ?? fail(), trusted, ours)));
    expect(saved).toEqual([true, true, true]);
    await Promise.all(others.map((each) => each.settled()));
    expect(entries()).toHaveLength(1);
    const plan = await checkout();
    await caches.restore(plan, trusted, ours);
    const text = await readFile(join(plan.place, 'p0/lib/index.js'), 'utf8');
    await expectWhole(plan.place, text.split(' ')[0]);
    expect(parts()).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('restores give each run a whole copy of its own', async () => {
    await installed();
    const others = [caches, server(), server()];
    const plans = await Promise.all(Array.from({ length: 9 }, () => checkout()));
    const found = await Promise.all(plans.map((plan, index) => others[index % 3]?.restore(plan, trusted, ours)));
    expect(found.filter((each) => each === null)).toEqual([]);
    for (const { place } of plans) await expectWhole(place);
    const inodes = new Set(
      await Promise.all(plans.map(async ({ place }) => (await stat(join(place, 'p1/lib/index.js'))).ino)),
    );
    expect(inodes.size).toBe(9);
    await Promise.all(others.map((each) => each.settled()));
  });

  test('a restore while the entry is removed gives all of it or nothing', async () => {
    const collector = server({ bounds: { bytes: 0, idleMs: day } });
    let whole = 0;
    for (let turn = 0; turn < 8; turn++) {
      await installed();
      await dropSpares();
      const plan = await checkout();
      const [found] = await Promise.all([
        caches.restore(plan, trusted, ours),
        sleep(turn).then(() => collector.tidy()),
      ]);
      if (found === null) expect(existsSync(plan.place)).toBe(false);
      else {
        whole += 1;
        await expectWhole(plan.place);
      }
      await caches.settled();
      await collector.tidy();
      expect(entries()).toEqual([]);
    }
    expect(whole).toBeLessThanOrEqual(8);
  });

  test('what is removed by hand while it is copied is not restored in part', async () => {
    await installed();
    await dropSpares();
    // A cp that finds a part of what it shall copy gone already.
    const bin = join(dataDir, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'cp'), `#!/bin/sh\nrm -rf '${entry()}/tree/p7'\nexec /bin/cp "$@"\n`, { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${bin}:${path}`;
    try {
      const plan = await checkout();
      expect(await caches.restore(plan, trusted, ours)).toBeNull();
      expect(existsSync(plan.place)).toBe(false);
    } finally {
      process.env.PATH = path;
    }
    expect(troubles).toEqual([expect.stringContaining('changed while it was copied')]);
    // The next one finds that the entry is not whole, and removes it.
    expect(await caches.restore(await checkout(), trusted, ours)).toBeNull();
    expect(entries()).toEqual([]);
    expect(parts()).toEqual([]);
  });

  test('nothing becomes visible for a run that is in other hands, and that is told', async () => {
    const lost: Guard = async () => {
      throw new Error('taken over');
    };
    const plan = await checkout();
    await install(plan.place);
    await expect(caches.save(plan, trusted, lost)).rejects.toThrow('taken over');
    expect(entries()).toEqual([]);
    await installed();
    const late = await checkout();
    await expect(caches.restore(late, trusted, lost)).rejects.toThrow('taken over');
    expect(existsSync(late.place)).toBe(false);
    expect(parts()).toEqual([]);
  });
});

describe('trust', () => {
  const feature = cacheScopes({ service: 1, branch: 'feature', trusted: false });
  const other = cacheScopes({ service: 1, branch: 'other', trusted: false });

  test('what a branch without an environment keeps is its own', async () => {
    await installed(undefined, feature, 'poison');
    expect(await caches.restore(await checkout(), trusted, ours)).toBeNull();
    expect(await caches.restore(await checkout(), other, ours)).toBeNull();
    expect(await caches.restore(await checkout(), feature, ours)).not.toBeNull();
  });

  test('every branch of the service reads what trusted ones keep, no other service does', async () => {
    await installed();
    expect(await caches.restore(await checkout(), other, ours)).not.toBeNull();
    const stranger = cacheScopes({ service: 2, branch: 'main', trusted: true });
    expect(await caches.restore(await checkout(), stranger, ours)).toBeNull();
  });
});

describe('what may not be kept', () => {
  test.each<[string, (place: string) => Promise<unknown>]>([
    ['a link out of it', (place) => symlink('../../secret', join(place, 'x'))],
    ['a link to the system', (place) => symlink('/etc', join(place, 'x'))],
  ])('%s', async (_what, add) => {
    const plan = await checkout();
    await install(plan.place);
    await add(plan.place);
    expect(await caches.save(plan, trusted, ours)).toBe(false);
    expect(entries()).toEqual([]);
    expect(parts()).toEqual([]);
  });

  test('a folder that is itself a link, or behind one', async () => {
    const plan = await checkout();
    const outside = join(dataDir, 'secrets', 'node_modules');
    await install(outside);
    await symlink(outside, plan.place);
    expect(await caches.save(plan, trusted, ours)).toBe(false);
    const { place } = await checkout();
    await symlink(join(dataDir, 'secrets'), join(place, '../services'));
    expect(await caches.save({ ...plan, place: join(place, '../services/node_modules') }, trusted, ours)).toBe(false);
    expect(entries()).toEqual([]);
  });
});

describe('the size', () => {
  const bytes = async () => JSON.parse(await readFile(join(entry(), 'entry.json'), 'utf8')).bytes as number;

  test('stays below the bound; the least recently used goes', async () => {
    await installed('a'.repeat(40));
    const one = await bytes();
    // Two entries, and for want of space no copies that lie ready.
    const small = server({ bounds: { bytes: 2.5 * one, idleMs: day } });
    await dropSpares();
    for (const letter of ['b', 'c']) {
      await sleep(5);
      if (letter === 'c') await small.restore(await checkout('a'.repeat(40)), trusted, ours);
      const plan = await checkout(letter.repeat(40));
      await install(plan.place);
      expect(await small.save(plan, trusted, ours)).toBe(true);
      await small.settled();
    }
    expect(
      entries()
        .map((name) => name.at(-1))
        .sort(),
    ).toEqual(['a', 'c']);
    expect(
      await server({ bounds: { bytes: one - 1, idleMs: day } }).save(await installedOnly('d'), trusted, ours),
    ).toBe(false);
  });

  test('what nobody uses goes, torn entries and leftovers of the dead too', async () => {
    await installed();
    await mkdir(join(dataDir, 'caches/entries', `1-trusted-${'b'.repeat(40)}`, 'tree'), { recursive: true });
    // No process has this number: Linux gives none above 2^22.
    await mkdir(join(dataDir, 'caches/parts', `${2 ** 22 + 1}-0123456789ab`, 'x'), { recursive: true });
    await mkdir(join(dataDir, 'caches/parts', `${process.pid}-0123456789ab`, 'x'), { recursive: true });
    await caches.tidy();
    expect(entries()).toHaveLength(1);
    expect(parts()).toEqual([]);
    await sleep(20);
    await server({ bounds: { bytes: 1e9, idleMs: 10 } }).tidy();
    expect(entries()).toEqual([]);
    expect(troubles).toEqual([]);
  });

  async function installedOnly(letter: string): Promise<CachePlan> {
    const plan = await checkout(letter.repeat(40));
    await install(plan.place);
    return plan;
  }
});

test('servers killed at any moment leave whole entries only, and nothing that stays', {
  timeout: 120_000,
}, async () => {
  const source = await checkout();
  await install(source.place);
  const said: string[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const pair = ['x', 'y'].map((name) =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, 'testing/saver.ts'), dataDir, source.place, `${name}${turn}`],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      ),
    );
    for (const each of pair) each.stdout.on('data', (piece: Buffer) => said.push(String(piece)));
    await Promise.all(pair.map((each) => once(each.stdout, 'data')));
    await sleep(40 + turn * 60);
    await Promise.all(pair.map((each) => (each.kill('SIGKILL') ? once(each, 'close') : null)));
    for (const key of ['0', '1', '2']) {
      const plan = await checkout(key.repeat(40));
      if ((await caches.restore(plan, trusted, ours)) !== null) await expectWhole(plan.place);
      else expect(existsSync(plan.place)).toBe(false);
    }
    await caches.settled();
    await caches.tidy();
  }
  expect(entries().length).toBeGreaterThan(0);
  // A copying child of the killed may have outlived it for a moment.
  for (let turn = 0; parts().length > 0 && turn < 50; turn++) {
    await sleep(100);
    await caches.tidy();
  }
  expect(parts()).toEqual([]);
  expect(said.filter((line) => line.includes('log '))).toEqual([]);
});

function fail(): never {
  throw new Error('no such plan');
}
