import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { describe, expect, it } from 'vitest';
import { sourceConformance } from '../conformance.ts';
import { FakeSource } from './source.ts';

sourceConformance('fake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'towpath-source-'));
  const source = new FakeSource();
  return {
    source,
    folder,
    attach: async () => source,
    push: async (repository, commit) => source.push(repository, commit),
    tag: async (repository, name, commit) => source.tag(repository, name, commit),
    deleteBranch: async (repository, branch) => source.deleteBranch(repository, branch),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

describe("the fake source's knobs", () => {
  it('fail the next call of a kind, once', async () => {
    const source = new FakeSource();
    const commit = source.push('shop/api', { branch: 'main' });
    source.failNext('head', new TowpathError('disk_full', 'full'));
    expect(await source.resolve('shop/api', 'main')).toBe(commit);
    await expect(source.head('shop/api', 'main')).rejects.toMatchObject({ code: 'disk_full' });
    expect(await source.head('shop/api', 'main')).toBe(commit);
    expect(source.calls).toEqual(['resolve shop/api main', 'head shop/api main', 'head shop/api main']);
  });

  it('hold a call until it is let go', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'towpath-source-'));
    const source = new FakeSource();
    const commit = source.push('shop/api', { branch: 'main', files: { a: '1' } });
    const letGo = source.hold('checkout');
    const done = source.checkout('shop/api', commit, join(folder, 'it'));
    expect(await source.head('shop/api', 'main')).toBe(commit);
    expect(await readdir(folder)).toEqual([]);
    letGo();
    await done;
    expect(await readdir(folder)).toEqual(['it']);
    await rm(folder, { recursive: true });
  });
});
