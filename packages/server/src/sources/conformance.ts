import { access, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Source } from './source.ts';

/** A file of a commit: its text, or what else it is. */
export type SourceFile =
  | string
  | { readonly executable: string }
  | { readonly link: string }
  | { readonly submodule: string };

export interface SourceCommit {
  readonly branch: string;
  readonly files?: Readonly<Record<string, SourceFile>>;
  readonly message?: string;
  readonly author?: string;
}

/** What the suite needs beside the driver itself. */
export interface SourceHarness {
  readonly source: Source;
  /** A second driver over the same repositories, as another server has it. */
  attach(): Promise<Source>;
  /** Somebody pushes a commit with exactly these files; gives its id. */
  push(repository: string, commit: SourceCommit): Promise<string>;
  tag(repository: string, name: string, commit: string): Promise<void>;
  deleteBranch(repository: string, branch: string): Promise<void>;
  /** An existing folder to check out below. */
  readonly folder: string;
  close(): Promise<void>;
}

const unknownId = '1'.repeat(40);

/** Holds a driver to the contract of source.ts. */
export function sourceConformance(name: string, make: () => Promise<SourceHarness>): void {
  let harness: SourceHarness;
  let source: Source;
  let count = 0;

  /** A prepared repository that no other test uses. */
  const fresh = async () => {
    const repository = `shop/s${++count}`;
    await source.prepare(repository);
    return repository;
  };
  const freshFolder = () => join(harness.folder, `checkout ${++count} ä`);

  describe(`source contract: ${name}`, () => {
    beforeAll(async () => {
      harness = await make();
      source = harness.source;
    });
    afterAll(async () => await harness.close());

    describe('a repository', () => {
      it('is empty before the first push, prepared or not', async () => {
        for (const repository of [await fresh(), 'shop/never-prepared']) {
          expect(await source.head(repository, 'main')).toBeNull();
          expect(await source.branches(repository)).toEqual([]);
          expect(await source.resolve(repository, 'main')).toBeNull();
          expect(await source.resolve(repository, unknownId)).toBeNull();
          expect(await source.describe(repository, unknownId)).toBeNull();
          const folder = freshFolder();
          await expect(source.checkout(repository, unknownId, folder)).rejects.toMatchObject({
            code: 'unknown_commit',
          });
        }
      });

      it('keeps what it has when it is prepared again, also by several at once', async () => {
        const repository = `shop/s${++count}`;
        const other = await harness.attach();
        await Promise.all([source, other, source, other].map((one) => one.prepare(repository)));
        const commit = await harness.push(repository, { branch: 'main' });
        await source.prepare(repository);
        expect(await source.head(repository, 'main')).toBe(commit);
        expect(await other.head(repository, 'main')).toBe(commit);
      });

      it.each([
        '',
        'shop',
        'shop/',
        '/api',
        'shop/api/x',
        '../shop',
        'shop/..',
        'shop/a.git',
        'Shop/api',
        'shop/a b',
        'shop/-a',
        'a\0/b',
      ])('is not named %j', async (repository) => {
        const refused = { code: 'bad_request' };
        await expect(source.prepare(repository)).rejects.toMatchObject(refused);
        await expect(source.head(repository, 'main')).rejects.toMatchObject(refused);
        await expect(source.branches(repository)).rejects.toMatchObject(refused);
        await expect(source.describe(repository, unknownId)).rejects.toMatchObject(refused);
        await expect(source.resolve(repository, 'main')).rejects.toMatchObject(refused);
        await expect(source.checkout(repository, unknownId, freshFolder())).rejects.toMatchObject(refused);
      });
    });

    describe('a branch', () => {
      it('moves with each push and is gone when it is deleted', async () => {
        const repository = await fresh();
        const first = await harness.push(repository, { branch: 'main' });
        expect(await source.head(repository, 'main')).toBe(first);
        const second = await harness.push(repository, { branch: 'main', files: { a: 'b' } });
        expect(second).not.toBe(first);
        expect(await source.head(repository, 'main')).toBe(second);
        const other = await harness.push(repository, { branch: 'other' });
        expect(await source.branches(repository)).toEqual([
          { branch: 'main', commit: second },
          { branch: 'other', commit: other },
        ]);
        await harness.deleteBranch(repository, 'main');
        expect(await source.head(repository, 'main')).toBeNull();
        expect(await source.branches(repository)).toEqual([{ branch: 'other', commit: other }]);
      });

      it('may have any name that git allows', async () => {
        const repository = await fresh();
        const names = [
          'feature/x',
          'feature/y/z',
          'größe/ä-🚀',
          '-dash',
          "it's",
          '$(touch x)'.replaceAll(' ', '_'),
          'a"b',
          'a;b&c|d',
          '100%',
          'HEAD',
          'refs/heads/x',
          'a'.repeat(200),
          'v1.0',
          '#1',
          'a@b',
          '{x}',
          '!x',
          ',',
        ];
        const pushed = new Map<string, string>();
        for (const branch of names) pushed.set(branch, await harness.push(repository, { branch, message: branch }));
        for (const [branch, commit] of pushed) {
          expect(await source.head(repository, branch), branch).toBe(commit);
          expect(await source.resolve(repository, branch), branch).toBe(commit);
        }
        const listed = await source.branches(repository);
        expect(new Map(listed.map(({ branch, commit }) => [branch, commit]))).toEqual(pushed);
      });

      it('is asked for by its name alone, not by an expression', async () => {
        const repository = await fresh();
        await harness.push(repository, { branch: 'main' });
        await harness.push(repository, { branch: 'main', files: { a: '' } });
        await harness.push(repository, { branch: 'feature/x' });
        const expressions = [
          'main~1',
          'main^',
          'main^{tree}',
          'main:a',
          '@',
          'HEAD',
          'main@{0}',
          '',
          ' main',
          'main ',
          'main\n',
          'refs/heads/main',
          'feature',
          'feature/',
          'feature/*',
          'mai?',
          '--all',
          '-h',
          '..',
          'main..main',
          ':/a',
          'a\0b',
          '/main',
          'main.lock',
          '[m]ain',
        ];
        for (const expression of expressions) {
          expect(await source.head(repository, expression), expression).toBeNull();
          expect(await source.resolve(repository, expression), expression).toBeNull();
        }
      });
    });

    describe('a name', () => {
      it('is a full id, a branch, a tag or the beginning of an id, tried in this order', async () => {
        const repository = await fresh();
        const one = await harness.push(repository, { branch: 'main' });
        const two = await harness.push(repository, { branch: 'two', files: { a: '2' } });
        await harness.tag(repository, 'v1', one);
        await harness.tag(repository, 'two', one);
        expect(await source.resolve(repository, one)).toBe(one);
        expect(await source.resolve(repository, one.slice(0, 10))).toBe(one);
        expect(await source.resolve(repository, 'v1')).toBe(one);
        expect(await source.resolve(repository, 'two')).toBe(two);
        expect(await source.head(repository, 'v1')).toBeNull();
        for (const short of [one, one.slice(0, 10)])
          await harness.push(repository, { branch: short, files: { b: '3' } });
        expect(await source.resolve(repository, one)).toBe(one);
        expect(await source.resolve(repository, one.slice(0, 10))).toBe(
          await source.head(repository, one.slice(0, 10)),
        );
        for (const name of ['v2', unknownId, '0'.repeat(40), 'f'.repeat(12), one.slice(0, 3)]) {
          expect(await source.resolve(repository, name), name).toBeNull();
        }
      });
    });

    describe('a commit', () => {
      it('is described by its subject and author', async () => {
        const repository = await fresh();
        const message = 'Größer "quoted" $(x) 🚀\u001b[31m\n\nwith a body';
        const commit = await harness.push(repository, { branch: 'main', message, author: 'Änn O\'"x' });
        expect(await source.describe(repository, commit)).toEqual({
          message: 'Größer "quoted" $(x) 🚀\u001b[31m',
          author: 'Änn O\'"x',
        });
        expect(await source.describe(repository, unknownId)).toBeNull();
        await expect(source.describe(repository, 'main')).rejects.toMatchObject({ code: 'bad_request' });
      });

      it('is described in 8 KiB, however much it says', async () => {
        const repository = await fresh();
        const commit = await harness.push(repository, { branch: 'main', message: 'x'.repeat(100_000) });
        const found = await source.describe(repository, commit);
        expect(found?.message).toMatch(/^x{8000,8192}$/);
      });
    });

    describe('a checkout', () => {
      it('has the files of the commit and nothing else', async () => {
        const repository = await fresh();
        const files = {
          'readme.md': 'hello\n',
          empty: '',
          'deep/er/and/deeper': 'x',
          'größe 🚀 "x"': 'y',
          '-rf': 'z',
          run: { executable: '#!/bin/sh\n' },
          link: { link: 'readme.md' },
          outside: { link: '/etc/passwd' },
          library: { submodule: unknownId },
        };
        const commit = await harness.push(repository, { branch: 'main', files });
        const folder = freshFolder();
        await mkdir(folder);
        await writeFile(join(folder, 'old'), 'left by something else');
        await source.checkout(repository, commit, folder);
        expect(await contents(folder)).toEqual(files);
      });

      it('makes the folders above it, and works for a commit without files', async () => {
        const repository = await fresh();
        const commit = await harness.push(repository, { branch: 'main', files: {} });
        const folder = join(freshFolder(), 'a', 'b');
        await source.checkout(repository, commit, folder);
        expect(await contents(folder)).toEqual({});
      });

      it('is left alone when it is there already, and gives way to another commit', async () => {
        const repository = await fresh();
        const one = await harness.push(repository, { branch: 'main', files: { a: '1' } });
        const two = await harness.push(repository, { branch: 'main', files: { b: '2' } });
        const folder = freshFolder();
        await source.checkout(repository, one, folder);
        await writeFile(join(folder, 'built'), 'x');
        await source.checkout(repository, one, folder);
        await (await harness.attach()).checkout(repository, one, folder);
        expect(await contents(folder)).toEqual({ a: '1', built: 'x' });
        await source.checkout(repository, two, folder);
        expect(await contents(folder)).toEqual({ b: '2' });
      });

      it('is whole when several make it at once', async () => {
        const repository = await fresh();
        const files = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${at}`, `${at}`]));
        const commit = await harness.push(repository, { branch: 'main', files });
        const folder = freshFolder();
        const other = await harness.attach();
        const early = Promise.race(
          Array.from({ length: 6 }, async (_, at) => {
            await (at % 2 === 0 ? source : other).checkout(repository, commit, folder);
            return contents(folder);
          }),
        );
        expect(await early).toEqual(files);
      });

      it('leaves the folder as it was when the commit is unknown', async () => {
        const repository = await fresh();
        const commit = await harness.push(repository, { branch: 'main', files: { a: '1' } });
        const folder = freshFolder();
        await source.checkout(repository, commit, folder);
        await expect(source.checkout(repository, unknownId, folder)).rejects.toMatchObject({ code: 'unknown_commit' });
        await expect(source.checkout(repository, 'main', folder)).rejects.toMatchObject({ code: 'bad_request' });
        expect(await contents(folder)).toEqual({ a: '1' });
        const absent = freshFolder();
        await expect(source.checkout(repository, unknownId, absent)).rejects.toMatchObject({ code: 'unknown_commit' });
        await expect(access(absent)).rejects.toMatchObject({ code: 'ENOENT' });
      });

      it('leaves nothing beside the folder', async () => {
        const repository = await fresh();
        const commit = await harness.push(repository, { branch: 'main', files: { a: '1' } });
        const above = freshFolder();
        await source.checkout(repository, commit, join(above, 'it'));
        await expect(source.checkout(repository, unknownId, join(above, 'it'))).rejects.toThrow();
        expect(await readdir(above)).toEqual(['it']);
      });
    });
  });
}

/** All files below the folder but the driver's own `.git`; an empty folder counts as a submodule's. */
async function contents(folder: string, prefix = ''): Promise<Record<string, SourceFile>> {
  const found: Record<string, SourceFile> = {};
  for (const name of await readdir(join(folder, prefix))) {
    const path = join(prefix, name);
    if (path === '.git') continue;
    const full = join(folder, path);
    const what = await lstat(full);
    if (what.isSymbolicLink()) found[path] = { link: await readlink(full) };
    else if (what.isFile()) {
      const text = await readFile(full, 'utf8');
      found[path] = what.mode & 0o100 ? { executable: text } : text;
    } else {
      const below = await contents(folder, path);
      if (Object.keys(below).length === 0) found[path] = { submodule: unknownId };
      Object.assign(found, below);
    }
  }
  return found;
}
