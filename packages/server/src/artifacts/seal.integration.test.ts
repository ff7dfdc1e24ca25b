import { createHash, hash } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, openBundles } from './bundles.ts';
import { exists, modeOf, openWorkshop, type Workshop } from './testing/place.ts';

let workshop: Workshop;
let bundles: Bundles;
beforeAll(async () => {
  workshop = await openWorkshop();
  bundles = workshop.bundles;
});
afterAll(async () => await workshop.close());

describe('the digest', () => {
  it('is what its description says, so that anyone can recompute it', async () => {
    const place = await workshop.build({ 'b/run': '#!/bin/sh\n', 'b-a': 'x', ä: '', '.git/HEAD': 'x' });
    await chmod(join(place, 'b/run'), 0o755);
    await mkdir(join(place, 'void'));
    await symlink('../b-a', join(place, 'b/link'));
    const lines = [
      'd b\0',
      `f ${hash('sha256', 'x')} b-a\0`,
      'l b/link\0../b-a\0',
      `x ${hash('sha256', '#!/bin/sh\n')} b/run\0`,
      'd void\0',
      `f ${hash('sha256', '')} ä\0`,
    ];
    // Sorted by the bytes of the path, in which "-" comes before "/".
    const order = ['b', 'b-a', 'b/link', 'b/run', 'void', 'ä'];
    expect(
      order
        .map((path) => Buffer.from(path))
        .sort(Buffer.compare)
        .map(String),
    ).toEqual(order);
    const digest = createHash('sha256').update(lines.join('')).digest('hex');
    expect(await bundles.seal(place)).toEqual({ digest: `sha256:${digest}`, bytes: 11, files: 3 });
  });

  it('does not change with times, permissions or the order of making', async () => {
    const first = await seal({ a: '1', b: '2', 'c/d': '3' });
    const place = await workshop.build({ 'c/d': '3', b: '2', a: '1' });
    await utimes(join(place, 'a'), 1, 1);
    await chmod(join(place, 'b'), 0o600);
    await chmod(join(place, 'c'), 0o700);
    expect((await bundles.seal(place)).digest).toBe(first);
  });

  it('changes with anything else', async () => {
    const executable = await workshop.build({ a: '1' });
    await chmod(join(executable, 'a'), 0o744);
    const linked = await workshop.build({ b: '1' });
    await symlink('b', join(linked, 'a'));
    const folder = await workshop.build({});
    await mkdir(join(folder, 'a'));
    const digests = [
      await seal({ a: '1' }),
      await seal({ a: '2' }),
      await seal({ b: '1' }),
      await seal({ a: '1', b: '' }),
      await seal({ 'a/a': '1' }),
      await seal({}),
      (await bundles.seal(executable)).digest,
      (await bundles.seal(linked)).digest,
      (await bundles.seal(folder)).digest,
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('takes names that are not UTF-8, long ones, empty and sparse and large files', async () => {
    const place = await workshop.build({ empty: '', large: Buffer.alloc(3_000_000, 'x') });
    await writeFile(join(place, 'sparse'), '');
    await truncate(join(place, 'sparse'), 50_000_000);
    const odd = Buffer.concat([Buffer.from(`${place}/caf`), Buffer.from([0xe9, 0x0a, 0x22])]);
    await writeFile(odd, 'latin');
    const deep = join(place, ...Array.from({ length: 14 }, () => 'd'.repeat(250)));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, 'f'), '');
    const { digest, files, bytes } = await bundles.seal(place);
    expect({ files, bytes }).toEqual({ files: 5, bytes: 53_000_005 });
    expect(await bundles.verify(bundles.location(place), digest)).toBe(true);
  });

  it('of thousands of files is found again', { timeout: 120_000 }, async () => {
    const files = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`m${at % 70}/f${at}`, `${at}`]));
    const place = await workshop.build(files);
    const first = await bundles.seal(place);
    expect(first.files).toBe(5_000);
    expect(await bundles.verify(bundles.location(place), first.digest)).toBe(true);
  });
});

const seal = async (files: Record<string, string | Buffer>) => (await bundles.seal(await workshop.build(files))).digest;

describe('a sealed bundle', () => {
  it('is read-only, whatever its modes were', async () => {
    const place = await workshop.build({ 'a/b': '1', run: '2' });
    await chmod(join(place, 'run'), 0o4775);
    await chmod(join(place, 'a/b'), 0o000);
    await chmod(join(place, 'a'), 0o300);
    await bundles.seal(place);
    expect(await modeOf(place)).toBe(0o555);
    expect(await modeOf(join(place, 'a'))).toBe(0o555);
    expect(await modeOf(join(place, 'a/b'))).toBe(0o444);
    expect(await modeOf(join(place, 'run'))).toBe(0o555);
  });

  it('is its own: a hard link to it changes nothing in it', async () => {
    const place = await workshop.build({ kept: 'x' });
    const store = join(workshop.data, 'store');
    await writeFile(store, 'right');
    await link(store, join(place, 'shared'));
    const { digest } = await bundles.seal(place);
    expect(await modeOf(store)).not.toBe(0o444);
    await writeFile(store, 'wrong');
    expect(await readFile(join(place, 'shared'), 'utf8')).toBe('right');
    expect(await bundles.verify(bundles.location(place), digest)).toBe(true);
    expect((await readdir(place)).sort()).toEqual(['kept', 'shared']);
  });

  it('has no history, but knows its commit', async () => {
    const files = {
      a: '1',
      '.git/HEAD': 'x',
      '.git/objects/info/alternates': 'y',
      '.git/towpath-commit': 'z',
      'm/.git/HEAD': 'w',
    };
    const place = await workshop.build(files);
    await chmod(join(place, '.git/objects/info'), 0o555);
    await bundles.seal(place);
    expect(await readdir(join(place, '.git'))).toEqual(['towpath-commit']);
    expect(await exists(join(place, 'm/.git/HEAD'))).toBe(true);
    const file = await workshop.build({ a: '1', 'm/.git/HEAD': 'w', '.git': 'gitdir: /somewhere' });
    expect((await bundles.seal(file)).digest).toBe((await bundles.sealed(place))?.digest);
    expect(await exists(join(file, '.git'))).toBe(false);
  });

  it('has its seal at once, and gives it again without a look', async () => {
    const place = await workshop.build();
    expect(await bundles.sealed(place)).toBeNull();
    const first = await bundles.seal(place);
    expect(await openBundles(workshop.data).sealed(place)).toEqual(first);
    await chmod(join(place, 'a/b'), 0o644);
    await writeFile(join(place, 'a/b'), 'changed');
    expect(await bundles.seal(place)).toEqual(first);
    expect(await bundles.verify(bundles.location(place), first.digest)).toBe(false);
  });

  it('gets the same seal after a crash anywhere in the middle', async () => {
    const wanted = await seal({ 'a/b': '1', 'c/d/e': '2' });
    const place = await workshop.build({ 'a/b': '1', 'c/d/e': '2' });
    // As a crash leaves it: part of the tree is read-only, a record was begun.
    await chmod(join(place, 'c/d/e'), 0o444);
    await chmod(join(place, 'c/d'), 0o555);
    await chmod(place, 0o555);
    await writeFile(`${place}.sealed.json.0-0`, '{"dig');
    expect((await bundles.seal(place)).digest).toBe(wanted);
  });

  it('may be sealed by two servers at once', async () => {
    const place = await workshop.build({ 'a/b': '1', c: '2' });
    const seals = await Promise.all([bundles, openBundles(workshop.data), bundles].map((one) => one.seal(place)));
    expect(new Set(seals.map(({ digest }) => digest)).size).toBe(1);
  });

  it('without its folder is gone', async () => {
    const place = await workshop.build();
    const { digest } = await bundles.seal(place);
    await rename(place, `${place}-away`);
    expect(await bundles.sealed(place)).toBeNull();
    expect(await bundles.verify(bundles.location(place), digest)).toBe(false);
    await expect(bundles.seal(place)).rejects.toMatchObject({ code: 'artifact_gone' });
  });
});
