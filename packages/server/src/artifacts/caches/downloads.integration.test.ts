import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, mkdir, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheScopes } from '../../domain/cache/scope.ts';
import { removeTree } from '../../tree.ts';
import { type DownloadOptions, type Downloads, type DownloadUse, openDownloads } from './downloads.ts';

const day = 24 * 3_600_000;
const scopeOf = (branch: string, trusted: boolean) => cacheScopes({ service: 1, branch, trusted }).writes;
const main = (run: number): DownloadUse => ({ scope: scopeOf('main', true), run, key: `${run}:prepare:1` });
const feature = (run: number): DownloadUse => ({ scope: scopeOf('feature', false), run, key: `${run}:prepare:1` });

let dataDir: string;
let troubles: string[];
let downloads: Downloads;

beforeEach(() => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-downloads-')));
  troubles = [];
  downloads = server();
});

afterEach(async () => {
  expect(troubles).toEqual([]);
  await downloads.settled();
  await removeTree(dataDir);
});

function server(options: Partial<DownloadOptions> = {}): Downloads {
  return openDownloads({
    dataDir,
    bounds: { bytes: 1e9, idleMs: day },
    env: {},
    log: (message, error) => troubles.push(`${message}: ${String(error)}`),
    measureMs: 0,
    ...options,
  });
}

const scopes = () => readdirSync(join(dataDir, 'caches/downloads')).sort();
const idle = (use: DownloadUse) => join(own(use), '../../idle');
const own = ({ run, scope }: DownloadUse) =>
  join(
    dataDir,
    'caches/downloads',
    scopes().find((name) => name.endsWith('trusted') === (scope.branch === null)) ?? '',
    'own',
    `${run}`,
  );

/** Opens, leaves so many bytes behind in the folder of the variable, closes. */
async function used(use: DownloadUse, { bytes = 0, by = downloads, variable = 'PIP_CACHE_DIR' } = {}): Promise<void> {
  const env = await by.open(use, day);
  await put(env[variable] ?? '', 'x', 'a'.repeat(bytes));
  await by.close(use);
  await by.settled();
}

async function put(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
}

describe('whose', () => {
  test('runs of trusted branches meet what one of them downloaded; other branches have their own', async () => {
    const env = await downloads.open(main(1), day);
    await put(env.PIP_CACHE_DIR ?? '', 'x', 'by main');
    const develop = await downloads.open({ ...main(2), scope: scopeOf('develop', true) }, day);
    expect(readFileSync(join(develop.PIP_CACHE_DIR ?? '', 'x'), 'utf8')).toBe('by main');
    for (const scope of [scopeOf('feature', false), scopeOf('other', false), { service: 2, branch: null }]) {
      const theirs = await downloads.open({ ...main(3), scope }, day);
      expect(existsSync(theirs.PIP_CACHE_DIR ?? '')).toBe(false);
      for (const [name, value] of Object.entries(theirs)) {
        if (value.startsWith('/')) expect([name, value === env[name]]).toEqual([name, false]);
      }
    }
  });

  test("what must not be shared at once is one run's, and then the next one's", async () => {
    const first = await downloads.open(main(1), day);
    const second = await downloads.open(main(2), day);
    expect(first.POETRY_CACHE_DIR).not.toBe(second.POETRY_CACHE_DIR);
    await put(first.POETRY_CACHE_DIR ?? '', 'x', 'by 1');
    await downloads.close(main(1));
    const third = await downloads.open(main(3), day);
    expect(readFileSync(join(third.POETRY_CACHE_DIR ?? '', 'x'), 'utf8')).toBe('by 1');
    expect(existsSync(first.POETRY_CACHE_DIR ?? '')).toBe(false);
    await downloads.close(main(2));
    await downloads.close(main(3));
    expect(readdirSync(idle(main(1)))).toHaveLength(1);
  });

  test('a run has the same folders in each of its stages, and when it is taken over', async () => {
    const first = await downloads.open(main(1), day);
    await put(first.XDG_CACHE_HOME ?? '', 'x', 'prepare');
    expect(await server().open(main(1), day)).toEqual(first);
    expect(existsSync(join(first.XDG_CACHE_HOME ?? '', 'x'))).toBe(true);
    await downloads.close(main(1));
    expect(await downloads.open({ ...main(1), key: '1:build:1' }, day)).toEqual(first);
    expect(existsSync(join(first.XDG_CACHE_HOME ?? '', 'x'))).toBe(true);
    // A server that wakes up late says that prepare is over.
    await downloads.close(main(1));
    expect(existsSync(join(first.XDG_CACHE_HOME ?? '', 'x'))).toBe(true);
  });

  test('settings and credentials that lie where Cargo looks for its cache are linked', async () => {
    const home = join(dataDir, 'home');
    await put(join(home, '.cargo'), 'credentials.toml', 'token');
    const env = await server({ env: { HOME: home } }).open(main(1), day);
    const link = join(env.CARGO_HOME ?? '', 'credentials.toml');
    expect(await readlink(link)).toBe(join(home, '.cargo/credentials.toml'));
    expect(existsSync(join(env.CARGO_HOME ?? '', 'config.toml'))).toBe(false);
    await server({ env: { HOME: home } }).open(main(2), day);
  });
});

describe('the size', () => {
  test.each([10, 400])('of %i files is what du says', async (files) => {
    await downloads.open(main(1), day);
    for (let file = 0; file < files; file++)
      await put(join(own(main(1)), `${file % 7}`), `${file}`, 'x'.repeat(file * 20));
    await downloads.close(main(1));
    await downloads.settled();
    const scope = join(dataDir, 'caches/downloads/1-trusted');
    const told = Number(readFileSync(join(scope, 'size'), 'utf8'));
    const kib = Number(execFileSync('du', ['-sk', '--exclude=size', scope], { encoding: 'utf8' }).split('\t')[0]);
    expect(Math.abs(told - kib * 1024)).toBeLessThanOrEqual(1024);
  });

  test('stays below the bound; other branches go first, though they were used last', async () => {
    const small = server({ bounds: { bytes: 3e6, idleMs: day } });
    await used(main(1), { by: small, bytes: 2e6 });
    await used(feature(2), { by: small, bytes: 2e6 });
    expect(scopes()).toEqual(['1-trusted']);
  });

  test('what is in use stays, and counts', async () => {
    const small = server({ bounds: { bytes: 3e6, idleMs: day } });
    await used(main(1), { bytes: 2e6 });
    await used(feature(2), { bytes: 2e6 });
    await small.open(feature(3), day);
    await small.tidy();
    expect(scopes()).toEqual([expect.stringMatching(/^1-[0-9a-f]{16}$/)]);
    expect(existsSync(own(feature(3)))).toBe(true);
  });

  test('what nobody uses goes, and what a use left that nobody ended', async () => {
    await downloads.open(main(1), 1);
    await used(main(2));
    expect(existsSync(own(main(1)))).toBe(false);
    await server({ bounds: { bytes: 1e9, idleMs: -1 } }).tidy();
    expect(scopes()).toEqual([]);
  });

  test('read-only folders, as Go makes them, are no obstacle', async () => {
    const env = await downloads.open(main(1), day);
    const module = join(env.GOMODCACHE ?? '', 'example.com/a@v1.0.0');
    await put(module, 'a.go', 'package a');
    for (const path of [join(module, 'a.go'), module, dirname(module)]) await chmod(path, 0o555);
    await downloads.close(main(1));
    // Servers of one process take each other's parts for those of a dead one.
    await downloads.settled();
    await server({ bounds: { bytes: 0, idleMs: day } }).tidy();
    expect(scopes()).toEqual([]);
    expect(readdirSync(join(dataDir, 'caches/removed'))).toEqual([]);
  });

  test('a scope that somebody opens while it is removed is there for them', async () => {
    const collector = server({ bounds: { bytes: 0, idleMs: day } });
    for (let run = 1; run <= 20; run++) {
      const [env] = await Promise.all([downloads.open(main(run), day), collector.tidy()]);
      await collector.tidy();
      expect(existsSync(env.XDG_CACHE_HOME === undefined ? '' : dirname(env.XDG_CACHE_HOME))).toBe(true);
      await downloads.close(main(run));
      await downloads.settled();
    }
  });
});
