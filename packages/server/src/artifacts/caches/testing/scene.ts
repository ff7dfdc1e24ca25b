import { existsSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { chmod, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { cacheScopes } from '../../../domain/cache/scope.ts';
import { removeTree } from '../../../tree.ts';
import { type CacheOptions, type Caches, type Guard, openCaches } from '../caches.ts';
import { type Planned, planned } from './planned.ts';

const files = 60;
export const day = 24 * 3_600_000;
export const trusted = cacheScopes({ service: 1, branch: 'main', trusted: true });
export const ours: Guard = (step) => step();

/** A data folder with caches, and folders to install into; a fresh one for each test. */
export class CacheScene {
  readonly dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-caches-')));
  readonly troubles: string[] = [];
  readonly caches = this.server();
  #places = 0;

  /** Another server on the same folder. */
  server(options: Partial<CacheOptions> = {}): Caches {
    return openCaches({
      dataDir: this.dataDir,
      bounds: { bytes: 1e9, idleMs: day },
      env: {},
      log: (message, error) => this.troubles.push(`${message}: ${String(error)}`),
      toolchain: async () => 'node',
      ...options,
    });
  }

  entries(): string[] {
    return this.#names('entries');
  }

  parts(): string[] {
    return this.#names('parts');
  }

  /** The path of the first entry. */
  entry(): string {
    return join(this.dataDir, 'caches/entries', this.entries()[0] ?? 'none');
  }

  dropSpares(): Promise<unknown> {
    const folder = join(this.entry(), 'spares');
    return rm(folder, { recursive: true }).then(() => mkdir(folder));
  }

  /** A plan for a new checkout; with members of a workspace, whose folders are there. */
  async checkout(key = 'a'.repeat(40), members: readonly string[] = []): Promise<Planned> {
    const root = join(this.dataDir, 'workspaces', `${this.#places++}`);
    for (const folder of ['.', ...members]) await mkdir(join(root, folder), { recursive: true });
    return planned(key, root, members);
  }

  /** The same with an installed folder. */
  async filled(key?: string, text?: string): Promise<Planned> {
    const plan = await this.checkout(key);
    await install(plan.place, text);
    return plan;
  }

  async installed(key?: string, scopes = trusted, text?: string): Promise<Planned> {
    const plan = await this.filled(key, text);
    expect(await this.caches.save(plan, scopes, ours)).toBe(true);
    await this.caches.settled();
    return plan;
  }

  async end(): Promise<void> {
    await this.caches.settled();
    await removeTree(this.dataDir);
  }

  #names(folder: string): string[] {
    const path = join(this.dataDir, 'caches', folder);
    return existsSync(path) ? readdirSync(path) : [];
  }
}

/** Each test of the file gets a scene of its own. */
export function eachWithScene(): { readonly scene: CacheScene } {
  let scene: CacheScene | null = null;
  beforeEach(() => {
    scene = new CacheScene();
  });
  afterEach(() => scene?.end());
  return {
    get scene() {
      if (scene === null) throw new Error('no test has begun');
      return scene;
    },
  };
}

export async function install(place: string, text = 'kept'): Promise<void> {
  await mkdir(join(place, '.bin'), { recursive: true });
  await mkdir(join(place, 'empty'));
  for (let index = 0; index < files; index++) {
    await mkdir(join(place, `p${index}`, 'lib'), { recursive: true });
    await writeFile(join(place, `p${index}`, 'lib', 'index.js'), `${text} ${index}`);
  }
  await chmod(join(place, 'p0/lib/index.js'), 0o755);
  await symlink('../p0/lib/index.js', join(place, '.bin/p0'));
}

export async function expectWhole(place: string, text = 'kept'): Promise<void> {
  for (let index = 0; index < files; index++) {
    expect(await readFile(join(place, `p${index}`, 'lib', 'index.js'), 'utf8')).toBe(`${text} ${index}`);
  }
  expect((await stat(join(place, 'p0/lib/index.js'))).mode & 0o777).toBe(0o755);
  expect(await readlink(join(place, '.bin/p0'))).toBe('../p0/lib/index.js');
  expect(readdirSync(join(place, 'empty'))).toEqual([]);
}
