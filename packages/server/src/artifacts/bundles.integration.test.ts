import { chmod, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundles } from './bundles.ts';
import { modeOf, openWorkshop, type Workshop } from './testing/place.ts';

let workshop: Workshop;
let bundles: Bundles;
beforeAll(async () => {
  workshop = await openWorkshop();
  bundles = workshop.bundles;
});
afterAll(async () => await workshop.close());

describe('removing', () => {
  it('takes the tree and its seal, and may be done twice', async () => {
    const place = await workshop.build({ 'a/b/c': '1' });
    await bundles.seal(place);
    await bundles.remove(bundles.location(place));
    await bundles.remove(bundles.location(place));
    expect((await readdir(dirname(place))).filter((name) => name.startsWith(basename(place)))).toEqual([]);
  });

  it('takes up what a crash left of it', async () => {
    const place = await workshop.build();
    await bundles.seal(place);
    await rename(place, `${place}.trash`);
    await bundles.remove(bundles.location(place));
    expect((await readdir(dirname(place))).filter((name) => name.startsWith(basename(place)))).toEqual([]);
  });

  it('does not follow links', async () => {
    const place = await workshop.build();
    const outside = await mkdtemp(join(tmpdir(), 'towpath-outside-'));
    await chmod(outside, 0o555);
    await symlink(outside, join(place, 'l'));
    await bundles.seal(place);
    await bundles.remove(bundles.location(place));
    expect(await modeOf(outside)).toBe(0o555);
    await rm(outside, { recursive: true });
  });

  it.each([
    '',
    '..',
    'bundles',
    'bundles/1',
    'bundles/1/..',
    'bundles/1/a/b',
    '/etc',
    'bundles/x/y',
    'git/shop/api.git',
    'bundles/1/.x',
  ])('refuses %j', async (location) => {
    await expect(bundles.remove(location)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(bundles.verify(location, '')).rejects.toMatchObject({ code: 'bad_request' });
  });

  it.each(['', '..', 'a/b', '.hidden', 'a\0', 'x'.repeat(300)])('no build is named %j', (key) => {
    expect(() => bundles.place(1, key)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('a location', () => {
  it('is a place relative to the data folder', () => {
    const place = bundles.place(7, '12-1');
    expect(place).toBe(join(workshop.data, 'bundles/7/12-1'));
    expect(bundles.location(place)).toBe('bundles/7/12-1');
    expect(bundles.folder('bundles/7/12-1')).toBe(place);
  });
});
