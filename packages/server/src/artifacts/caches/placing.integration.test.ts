import { existsSync, readdirSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isHalfPlaced, pack } from './placing.ts';
import { expectFilled, fill } from './testing/members.ts';
import type { Planned } from './testing/planned.ts';
import { eachWithScene, ours, trusted } from './testing/scene.ts';

const at = eachWithScene();
const members = ['apps/web', 'packages/a', 'packages/a/inner', 'packages/none'];
/** All but the last have a node_modules of their own. */
const made = members.slice(0, -1);

async function workspace(): Promise<Planned> {
  return at.scene.checkout(undefined, members);
}

async function saved(): Promise<Planned> {
  const plan = await workspace();
  await fill(plan.root, made);
  expect(await at.scene.caches.save(plan, trusted, ours)).toBe(true);
  await at.scene.caches.settled();
  return plan;
}

const whatIsThere = (plan: Planned) => plan.folders.filter((folder) => existsSync(join(plan.root, folder)));

describe('several folders', () => {
  test.each([
    ['a copy that lies ready', false],
    ['a copy made now', true],
  ])('get to their places from %s, and the members without one get none', async (_what, bare) => {
    await saved();
    if (bare) await at.scene.dropSpares();
    const plan = await workspace();
    expect(await at.scene.caches.restore(plan, trusted, ours)).toMatchObject({ tookMs: expect.any(Number) });
    await expectFilled(plan.root, made);
    expect(existsSync(join(plan.root, 'packages/none/node_modules'))).toBe(false);
    expect(readdirSync(join(plan.root, 'node_modules'))).not.toContain('.towpath-waiting');
    await at.scene.caches.settled();
    expect(at.scene.parts()).toEqual([]);
    expect(at.scene.troubles).toEqual([]);
  });

  test.each(members)('none is put there when something lies in %s', async (member) => {
    await saved();
    const plan = await workspace();
    await mkdir(join(plan.root, member, 'node_modules'));
    await writeFile(join(plan.root, member, 'node_modules/own'), '');
    expect(await at.scene.caches.restore(plan, trusted, ours)).toBeNull();
    expect(whatIsThere(plan)).toEqual([join(member, 'node_modules')]);
    expect(readdirSync(join(plan.root, member, 'node_modules'))).toEqual(['own']);
  });

  test.each(made)('none stays when one cannot get there: %s', async (member) => {
    await saved();
    const plan = await workspace();
    await rm(join(plan.root, member), { recursive: true });
    expect(await at.scene.caches.restore(plan, trusted, ours)).toBeNull();
    expect(whatIsThere(plan)).toEqual([]);
    expect(at.scene.troubles).toEqual([expect.stringContaining('ENOENT')]);
    expect(at.scene.parts()).toEqual([]);
  });

  test('are one entry: who writes to a part of it has it thrown away', async () => {
    await saved();
    await at.scene.dropSpares();
    await appendFile(join(at.scene.entry(), 'tree/packages/a/node_modules/p/index.js'), 'poison');
    expect(await at.scene.caches.restore(await workspace(), trusted, ours)).toBeNull();
    expect(at.scene.entries()).toEqual([]);
  });
});

describe('killed while the folders get to their places', () => {
  /** What lies there when `placed` of them have got there. */
  async function killed(placed: number): Promise<Planned> {
    const plan = await workspace();
    const tree = join(at.scene.dataDir, 'tree');
    await mkdir(tree);
    await fill(tree, made);
    const folders = ['node_modules', ...made.map((member) => join(member, 'node_modules'))];
    await pack(tree, folders);
    await rename(join(tree, 'node_modules'), join(plan.root, 'node_modules'));
    for (const folder of folders.slice(1, 1 + placed))
      await rename(join(plan.root, 'node_modules/.towpath-waiting', folder), join(plan.root, folder));
    await rm(tree, { recursive: true });
    return plan;
  }

  test.each([0, 1, 2, 3])('after %i of them: the next one places the others', async (placed) => {
    const plan = await killed(placed);
    expect(await isHalfPlaced(plan.root, plan.folders)).toBe(true);
    expect(await at.scene.caches.restore(plan, trusted, ours)).toEqual({ tookMs: expect.any(Number), installMs: null });
    await expectFilled(plan.root, made);
    expect(await isHalfPlaced(plan.root, plan.folders)).toBe(false);
    expect(at.scene.parts()).toEqual([]);
  });

  test.each([0, 1, 2])('after %i of them: when the others cannot get there, none stays', async (placed) => {
    const plan = await killed(placed);
    await mkdir(join(plan.root, 'packages/a/inner/node_modules'));
    await writeFile(join(plan.root, 'packages/a/inner/node_modules/own'), '');
    expect(await at.scene.caches.restore(plan, trusted, ours)).toBeNull();
    expect(whatIsThere(plan)).toEqual(['packages/a/inner/node_modules']);
    expect(await readFile(join(plan.root, 'packages/a/inner/node_modules/own'), 'utf8')).toBe('');
    expect(at.scene.parts()).toEqual([]);
  });

  test('nothing moves for a run that is in other hands', async () => {
    const plan = await killed(1);
    const lost = async () => {
      throw new Error('taken over');
    };
    await expect(at.scene.caches.restore(plan, trusted, lost)).rejects.toThrow('taken over');
    expect(existsSync(join(plan.root, 'packages/a/node_modules'))).toBe(false);
    expect(await isHalfPlaced(plan.root, plan.folders)).toBe(true);
  });
});

describe('of several folders none is kept', () => {
  test.each<[string, (root: string) => Promise<unknown>]>([
    [
      'with a link out of the checkout',
      (root) => symlink('../../../../secret', join(root, 'packages/a/node_modules/x')),
    ],
    ['with a link to what is no member', (root) => symlink('../../../src', join(root, 'packages/a/node_modules/x'))],
    ['with a link to the root', (root) => symlink('..', join(root, 'node_modules/x'))],
    [
      'with an absolute link, even to a member',
      (root) => symlink(join(root, 'apps/web'), join(root, 'node_modules/x')),
    ],
    ['when one is a link', (root) => symlink('../a/node_modules', join(root, 'packages/none/node_modules'))],
    [
      'when one lies behind a link',
      async (root) => {
        const outside = join(at.scene.dataDir, 'secrets');
        await mkdir(join(outside, 'node_modules'), { recursive: true });
        await writeFile(join(outside, 'node_modules/key'), 'secret');
        await rm(join(root, 'packages/none'), { recursive: true });
        await symlink(outside, join(root, 'packages/none'));
      },
    ],
    ['when the first is not there', (root) => rm(join(root, 'node_modules'), { recursive: true })],
  ])('%s', async (_what, spoil) => {
    const plan = await workspace();
    await fill(plan.root, made);
    await spoil(plan.root);
    expect(await at.scene.caches.save(plan, trusted, ours)).toBe(false);
    expect(at.scene.entries()).toEqual([]);
    expect(at.scene.parts()).toEqual([]);
  });

  test('but links to members are', async () => {
    const plan = await workspace();
    await fill(plan.root, made);
    await symlink('../packages/none', join(plan.root, 'node_modules/none'));
    await symlink('../../../apps/web/index.js', join(plan.root, 'packages/a/node_modules/.index'));
    expect(await at.scene.caches.save(plan, trusted, ours)).toBe(true);
  });
});

test('an entry with folders that are not of the plan is not restored', async () => {
  await saved();
  const plan = await workspace();
  const fewer = { ...plan, folders: ['node_modules', 'apps/web/node_modules'] };
  expect(await at.scene.caches.restore(fewer, trusted, ours)).toBeNull();
  expect(whatIsThere(plan)).toEqual([]);
  expect(at.scene.troubles).toEqual([expect.stringContaining('other folders than its key says')]);
});

test('an entry of an earlier version is not read, and goes when it is tidied', async () => {
  await saved();
  const path = join(at.scene.entry(), 'entry.json');
  const { folders: _, ...before } = Object(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify(before));
  expect(await at.scene.caches.restore(await workspace(), trusted, ours)).toBeNull();
  await at.scene.caches.tidy();
  expect(at.scene.entries()).toEqual([]);
  expect(at.scene.troubles).toEqual([]);
});
