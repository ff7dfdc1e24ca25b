import { readdirSync } from 'node:fs';
import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheScopes } from '../../domain/cache/scope.ts';
import { eachWithScene, expectWhole, install, ours, trusted } from './testing/scene.ts';

const at = eachWithScene();

describe('what was saved', () => {
  test.each([
    ['a copy that lies ready', false],
    ['a copy made now', true],
  ])('is restored from %s', async (_what, bare) => {
    await at.scene.installed();
    if (bare) await at.scene.dropSpares();
    const plan = await at.scene.checkout();
    expect(await at.scene.caches.restore(plan, trusted, ours)).toMatchObject({ tookMs: expect.any(Number) });
    await expectWhole(plan.place);
    await at.scene.caches.settled();
    expect(readdirSync(join(at.scene.entry(), 'spares'))).toHaveLength(1);
    expect(at.scene.parts()).toEqual([]);
    expect(at.scene.troubles).toEqual([]);
  });

  test('is not harmed by what a run does to its own copy', async () => {
    const first = await at.scene.installed();
    await appendFile(join(first.place, 'p1/lib/index.js'), 'changed');
    for (let turn = 0; turn < 3; turn++) {
      const plan = await at.scene.checkout();
      expect(await at.scene.caches.restore(plan, trusted, ours)).not.toBeNull();
      await expectWhole(plan.place);
      await appendFile(join(plan.place, 'p1/lib/index.js'), 'changed');
      await rm(join(plan.place, 'p2'), { recursive: true });
    }
  });

  test('is thrown away when somebody wrote to it', async () => {
    await at.scene.installed();
    const [spare = ''] = readdirSync(join(at.scene.entry(), 'spares'));
    await appendFile(join(at.scene.entry(), 'spares', spare, 'node_modules/p3/lib/index.js'), 'poison');
    const plan = await at.scene.checkout();
    expect(await at.scene.caches.restore(plan, trusted, ours)).not.toBeNull();
    await expectWhole(plan.place);
    await at.scene.caches.settled();

    await at.scene.dropSpares();
    // Same size, same time of change as a program may set it: only the system's own time tells.
    const file = join(at.scene.entry(), 'tree/node_modules/p4/lib/index.js');
    await writeFile(file, 'KEPT 4');
    expect(await at.scene.caches.restore(await at.scene.checkout(), trusted, ours)).toBeNull();
    expect(at.scene.entries()).toEqual([]);
  });

  test('is not put over what lies there', async () => {
    await at.scene.installed();
    const plan = await at.scene.checkout();
    await mkdir(plan.place);
    await writeFile(join(plan.place, 'own'), '');
    expect(await at.scene.caches.restore(plan, trusted, ours)).toBeNull();
    expect(readdirSync(plan.place)).toEqual(['own']);
  });

  test('stays when another saves under the same key', async () => {
    await at.scene.installed();
    const other = await at.scene.checkout();
    await install(other.place, 'other');
    expect(await at.scene.server().save(other, trusted, ours)).toBe(true);
    const plan = await at.scene.checkout();
    await at.scene.caches.restore(plan, trusted, ours);
    await expectWhole(plan.place);
  });
});

describe('trust', () => {
  const feature = cacheScopes({ service: 1, branch: 'feature', trusted: false });
  const other = cacheScopes({ service: 1, branch: 'other', trusted: false });

  test('what a branch without an environment keeps is its own', async () => {
    await at.scene.installed(undefined, feature, 'poison');
    expect(await at.scene.caches.restore(await at.scene.checkout(), trusted, ours)).toBeNull();
    expect(await at.scene.caches.restore(await at.scene.checkout(), other, ours)).toBeNull();
    expect(await at.scene.caches.restore(await at.scene.checkout(), feature, ours)).not.toBeNull();
  });

  test('every branch of the service reads what trusted ones keep, no other service does', async () => {
    await at.scene.installed();
    expect(await at.scene.caches.restore(await at.scene.checkout(), other, ours)).not.toBeNull();
    const stranger = cacheScopes({ service: 2, branch: 'main', trusted: true });
    expect(await at.scene.caches.restore(await at.scene.checkout(), stranger, ours)).toBeNull();
  });
});

describe('what may not be kept', () => {
  test.each<[string, (place: string) => Promise<unknown>]>([
    ['a link out of it', (place) => symlink('../../secret', join(place, 'x'))],
    ['a link to the system', (place) => symlink('/etc', join(place, 'x'))],
  ])('%s', async (_what, add) => {
    const plan = await at.scene.checkout();
    await install(plan.place);
    await add(plan.place);
    expect(await at.scene.caches.save(plan, trusted, ours)).toBe(false);
    expect(at.scene.entries()).toEqual([]);
    expect(at.scene.parts()).toEqual([]);
  });

  test('a folder that is itself a link, or behind one', async () => {
    const plan = await at.scene.checkout();
    const outside = join(at.scene.dataDir, 'secrets', 'node_modules');
    await install(outside);
    await symlink(outside, plan.place);
    expect(await at.scene.caches.save(plan, trusted, ours)).toBe(false);
    const { root } = await at.scene.checkout();
    await symlink(join(at.scene.dataDir, 'secrets'), join(root, 'services'));
    expect(await at.scene.caches.save({ ...plan, root: join(root, 'services') }, trusted, ours)).toBe(false);
    expect(at.scene.entries()).toEqual([]);
  });
});
