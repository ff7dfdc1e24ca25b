import { access, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Scene, type SourceFile, unknownId } from './conformance-scene.ts';

/** The part of the suite that is about checkouts. */
export function checkoutConformance(scene: () => Scene): void {
  describe('a checkout', () => {
    it('has the files of the commit and nothing else', async () => {
      const repository = await scene().fresh();
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
      const commit = await scene().harness.push(repository, { branch: 'main', files });
      const folder = scene().freshFolder();
      await mkdir(folder);
      await writeFile(join(folder, 'old'), 'left by something else');
      await scene().source.checkout(repository, commit, folder);
      expect(await contents(folder)).toEqual(files);
    });

    it('makes the folders above it, and works for a commit without files', async () => {
      const repository = await scene().fresh();
      const commit = await scene().harness.push(repository, { branch: 'main', files: {} });
      const folder = join(scene().freshFolder(), 'a', 'b');
      await scene().source.checkout(repository, commit, folder);
      expect(await contents(folder)).toEqual({});
    });

    it('is left alone when it is there already, and gives way to another commit', async () => {
      const repository = await scene().fresh();
      const one = await scene().harness.push(repository, { branch: 'main', files: { a: '1' } });
      const two = await scene().harness.push(repository, { branch: 'main', files: { b: '2' } });
      const folder = scene().freshFolder();
      await scene().source.checkout(repository, one, folder);
      await writeFile(join(folder, 'built'), 'x');
      await scene().source.checkout(repository, one, folder);
      await (await scene().harness.attach()).checkout(repository, one, folder);
      expect(await contents(folder)).toEqual({ a: '1', built: 'x' });
      await scene().source.checkout(repository, two, folder);
      expect(await contents(folder)).toEqual({ b: '2' });
    });

    it('is whole when several make it at once', async () => {
      const repository = await scene().fresh();
      const files = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${at}`, `${at}`]));
      const commit = await scene().harness.push(repository, { branch: 'main', files });
      const folder = scene().freshFolder();
      const other = await scene().harness.attach();
      const early = Promise.race(
        Array.from({ length: 6 }, async (_, at) => {
          await (at % 2 === 0 ? scene().source : other).checkout(repository, commit, folder);
          return contents(folder);
        }),
      );
      expect(await early).toEqual(files);
    });

    it('leaves the folder as it was when the commit is unknown', async () => {
      const repository = await scene().fresh();
      const commit = await scene().harness.push(repository, { branch: 'main', files: { a: '1' } });
      const folder = scene().freshFolder();
      await scene().source.checkout(repository, commit, folder);
      await expect(scene().source.checkout(repository, unknownId, folder)).rejects.toMatchObject({
        code: 'unknown_commit',
      });
      await expect(scene().source.checkout(repository, 'main', folder)).rejects.toMatchObject({ code: 'bad_request' });
      expect(await contents(folder)).toEqual({ a: '1' });
      const absent = scene().freshFolder();
      await expect(scene().source.checkout(repository, unknownId, absent)).rejects.toMatchObject({
        code: 'unknown_commit',
      });
      await expect(access(absent)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('leaves nothing beside the folder', async () => {
      const repository = await scene().fresh();
      const commit = await scene().harness.push(repository, { branch: 'main', files: { a: '1' } });
      const above = scene().freshFolder();
      await scene().source.checkout(repository, commit, join(above, 'it'));
      await expect(scene().source.checkout(repository, unknownId, join(above, 'it'))).rejects.toThrow();
      expect(await readdir(above)).toEqual(['it']);
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
