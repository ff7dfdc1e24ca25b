import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutConformance } from './conformance-checkout.ts';
import { Scene, type SourceHarness, unknownId } from './conformance-scene.ts';

/** Holds a driver to the contract of source.ts. */
export function sourceConformance(name: string, make: () => Promise<SourceHarness>): void {
  let scene: Scene;

  describe(`source contract: ${name}`, () => {
    beforeAll(async () => {
      scene = new Scene(await make());
    });
    afterAll(async () => await scene.harness.close());

    describe('a repository', () => {
      it('is empty before the first push, prepared or not', async () => {
        for (const repository of [await scene.fresh(), 'shop/never-prepared']) {
          expect(await scene.source.head(repository, 'main')).toBeNull();
          expect(await scene.source.branches(repository)).toEqual([]);
          expect(await scene.source.resolve(repository, 'main')).toBeNull();
          expect(await scene.source.resolve(repository, unknownId)).toBeNull();
          expect(await scene.source.describe(repository, unknownId)).toBeNull();
          const folder = scene.freshFolder();
          await expect(scene.source.checkout(repository, unknownId, folder)).rejects.toMatchObject({
            code: 'unknown_commit',
          });
        }
      });

      it('keeps what it has when it is prepared again, also by several at once', async () => {
        const repository = scene.name();
        const other = await scene.harness.attach();
        await Promise.all([scene.source, other, scene.source, other].map((one) => one.prepare(repository)));
        const commit = await scene.harness.push(repository, { branch: 'main' });
        await scene.source.prepare(repository);
        expect(await scene.source.head(repository, 'main')).toBe(commit);
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
        await expect(scene.source.prepare(repository)).rejects.toMatchObject(refused);
        await expect(scene.source.head(repository, 'main')).rejects.toMatchObject(refused);
        await expect(scene.source.branches(repository)).rejects.toMatchObject(refused);
        await expect(scene.source.describe(repository, unknownId)).rejects.toMatchObject(refused);
        await expect(scene.source.changed(repository, unknownId, unknownId)).rejects.toMatchObject(refused);
        await expect(scene.source.resolve(repository, 'main')).rejects.toMatchObject(refused);
        await expect(scene.source.checkout(repository, unknownId, scene.freshFolder())).rejects.toMatchObject(refused);
      });
    });

    describe('what changed', () => {
      const files = { 'a.txt': 'a', 'b/c.txt': 'c', 'b/ä "x".txt': 'd', run: 'e' };
      it('between two commits is told by path, whichever is older', async () => {
        const repository = await scene.fresh();
        const first = await scene.harness.push(repository, { branch: 'main', files });
        const { 'a.txt': moved, ...rest } = files;
        const next = { ...rest, 'b/a.txt': moved, 'b/ä "x".txt': 'new', run: { executable: 'e' } };
        const second = await scene.harness.push(repository, { branch: 'main', files: next });
        const paths = ['a.txt', 'b/a.txt', 'b/ä "x".txt', 'run'];
        expect((await scene.source.changed(repository, first, second))?.sort()).toEqual(paths);
        expect((await scene.source.changed(repository, second, first))?.sort()).toEqual(paths);
        expect(await scene.source.changed(repository, first, first)).toEqual([]);
      });

      it('is not known of a commit that is not there', async () => {
        const repository = await scene.fresh();
        const first = await scene.harness.push(repository, { branch: 'main', files });
        expect(await scene.source.changed(repository, unknownId, first)).toBeNull();
        expect(await scene.source.changed('shop/never-prepared', first, first)).toBeNull();
        await expect(scene.source.changed(repository, '--output=x', first)).rejects.toMatchObject({
          code: 'bad_request',
        });
      });
    });

    describe('a branch', () => {
      it('moves with each push and is gone when it is deleted', async () => {
        const repository = await scene.fresh();
        const first = await scene.harness.push(repository, { branch: 'main' });
        expect(await scene.source.head(repository, 'main')).toBe(first);
        const second = await scene.harness.push(repository, { branch: 'main', files: { a: 'b' } });
        expect(second).not.toBe(first);
        expect(await scene.source.head(repository, 'main')).toBe(second);
        const other = await scene.harness.push(repository, { branch: 'other' });
        expect(await scene.source.branches(repository)).toEqual([
          { branch: 'main', commit: second },
          { branch: 'other', commit: other },
        ]);
        await scene.harness.deleteBranch(repository, 'main');
        expect(await scene.source.head(repository, 'main')).toBeNull();
        expect(await scene.source.branches(repository)).toEqual([{ branch: 'other', commit: other }]);
      });

      it('may have any name that git allows', async () => {
        const repository = await scene.fresh();
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
        for (const branch of names)
          pushed.set(branch, await scene.harness.push(repository, { branch, message: branch }));
        for (const [branch, commit] of pushed) {
          expect(await scene.source.head(repository, branch), branch).toBe(commit);
          expect(await scene.source.resolve(repository, branch), branch).toBe(commit);
        }
        const listed = await scene.source.branches(repository);
        expect(new Map(listed.map(({ branch, commit }) => [branch, commit]))).toEqual(pushed);
      });

      it('is asked for by its name alone, not by an expression', async () => {
        const repository = await scene.fresh();
        await scene.harness.push(repository, { branch: 'main' });
        await scene.harness.push(repository, { branch: 'main', files: { a: '' } });
        await scene.harness.push(repository, { branch: 'feature/x' });
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
          expect(await scene.source.head(repository, expression), expression).toBeNull();
          expect(await scene.source.resolve(repository, expression), expression).toBeNull();
        }
      });
    });

    describe('a name', () => {
      it('is a full id, a branch, a tag or the beginning of an id, tried in this order', async () => {
        const repository = await scene.fresh();
        const one = await scene.harness.push(repository, { branch: 'main' });
        const two = await scene.harness.push(repository, { branch: 'two', files: { a: '2' } });
        await scene.harness.tag(repository, 'v1', one);
        await scene.harness.tag(repository, 'two', one);
        expect(await scene.source.resolve(repository, one)).toBe(one);
        expect(await scene.source.resolve(repository, one.slice(0, 10))).toBe(one);
        expect(await scene.source.resolve(repository, 'v1')).toBe(one);
        expect(await scene.source.resolve(repository, 'two')).toBe(two);
        expect(await scene.source.head(repository, 'v1')).toBeNull();
        for (const short of [one, one.slice(0, 10)])
          await scene.harness.push(repository, { branch: short, files: { b: '3' } });
        expect(await scene.source.resolve(repository, one)).toBe(one);
        expect(await scene.source.resolve(repository, one.slice(0, 10))).toBe(
          await scene.source.head(repository, one.slice(0, 10)),
        );
        for (const name of ['v2', unknownId, '0'.repeat(40), 'f'.repeat(12), one.slice(0, 3)]) {
          expect(await scene.source.resolve(repository, name), name).toBeNull();
        }
      });
    });

    describe('a commit', () => {
      it('is described by its subject and author', async () => {
        const repository = await scene.fresh();
        const message = 'Größer "quoted" $(x) 🚀\u001b[31m\n\nwith a body';
        const commit = await scene.harness.push(repository, { branch: 'main', message, author: 'Änn O\'"x' });
        expect(await scene.source.describe(repository, commit)).toEqual({
          message: 'Größer "quoted" $(x) 🚀\u001b[31m',
          author: 'Änn O\'"x',
          files: new Map(),
        });
        expect(await scene.source.describe(repository, unknownId)).toBeNull();
        await expect(scene.source.describe(repository, 'main')).rejects.toMatchObject({ code: 'bad_request' });
      });

      it('shows files that are asked for, and only those that there are', async () => {
        const repository = await scene.fresh();
        const files = {
          'towpath.yaml': 'test: größer\n',
          'services/api/a b.txt': '',
          'big.txt': 'x'.repeat(1_048_577),
          other: 'unasked',
        };
        const commit = await scene.harness.push(repository, { branch: 'main', files });
        const asked = ['towpath.yaml', 'none.yaml', 'services/api/a b.txt', 'services', 'a\nb', '../x', 'big.txt'];
        expect((await scene.source.describe(repository, commit, asked))?.files).toEqual(
          new Map([
            ['towpath.yaml', 'test: größer\n'],
            ['services/api/a b.txt', ''],
          ]),
        );
      });

      it('is described in 8 KiB, however much it says', async () => {
        const repository = await scene.fresh();
        const commit = await scene.harness.push(repository, { branch: 'main', message: 'x'.repeat(100_000) });
        const found = await scene.source.describe(repository, commit);
        expect(found?.message).toMatch(/^x{8000,8192}$/);
      });
    });

    checkoutConformance(() => scene);
  });
}
