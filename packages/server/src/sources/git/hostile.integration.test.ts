import { access, lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openGitSource } from './git-source.ts';
import { commitFiles, type GitHost, git, gitOk, makeClone, openHost, roomy } from './testing/host.ts';
import {
  branchList,
  commitTree,
  deltaBomb,
  type TreeEntry,
  writeBomb,
  writeObject,
  writeTree,
} from './testing/objects.ts';

let host: GitHost;
let count = 0;
beforeAll(async () => {
  host = await openHost({ commitFiles: 100_000, commitBytes: 60_000_000 });
});
afterAll(async () => await host.close());

async function fresh() {
  const repository = `shop/r${++count}`;
  await host.source.prepare(repository);
  const clone = await makeClone(host, repository);
  const above = join(host.folder, `checkouts${count}`);
  await mkdir(above);
  /** Pushes a commit of that tree; its id, and what git said. */
  const push = async (tree: string) => {
    const commit = await commitTree(clone, tree);
    return { commit, ...(await git(clone, 'push', 'towpath', `+${commit}:refs/heads/main`)) };
  };
  const checkout = async (commit: string) => {
    const folder = join(above, 'it');
    await host.source.checkout(repository, commit, folder);
    return folder;
  };
  return { repository, clone, above, push, checkout };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a tree that git would not make', () => {
  it.each([
    ['.git', /hasDotgit/],
    ['.GIT', /hasDotgit/],
    ['git~1', /hasDotgit/],
    ['.g\u200cit', /hasDotgit/],
    ['..', /hasDotdot/],
    ['.', /hasDot:/],
    ['a/b', /fullPathname/],
    ['../../evil', /fullPathname/],
    ['/etc/evil', /fullPathname/],
  ])('with the folder %j is refused, and its branch does not move', async (name, why) => {
    const { clone, push, repository } = await fresh();
    const hook = await writeObject(clone, 'blob', '#!/bin/sh\ntouch evil\n');
    const folder = await writeTree(clone, [['100755', 'post-checkout', hook]]);
    const { code, text } = await push(await writeTree(clone, [['40000', name, folder]]));
    expect(code).toBe(1);
    expect(text).toMatch(why);
    expect(await host.source.branches(repository)).toEqual([]);
  });

  it('with a link and a folder of one name, so that files are written through the link, is refused', async () => {
    const { clone, push, repository } = await fresh();
    const link = await writeObject(clone, 'blob', host.folder);
    const file = await writeObject(clone, 'blob', 'evil');
    const folder = await writeTree(clone, [['100644', 'evil', file]]);
    const twice: TreeEntry[] = [
      ['120000', 'a', link],
      ['40000', 'a', folder],
    ];
    const { code, text } = await push(await writeTree(clone, twice));
    expect(code).toBe(1);
    expect(text).toMatch(/duplicateEntries/);
    expect(await host.source.branches(repository)).toEqual([]);
  });
});

describe('a submodule', () => {
  it.each([
    [
      'with an option for an address',
      'path = x\n\turl = --upload-pack=evil',
      /disallowed submodule url: --upload-pack=evil/,
    ],
    ['with an option for a path', 'path = -x\n\turl = https://example.org/x', /disallowed submodule path: -x/],
  ])('%s is refused', async (_what, lines, why) => {
    const { clone, repository } = await fresh();
    await commitFiles(clone, { '.gitmodules': `[submodule "x"]\n\t${lines}\n` });
    const { code, text } = await git(clone, 'push', 'towpath', 'main');
    expect(code).toBe(1);
    expect(text).toMatch(why);
    expect(await host.source.branches(repository)).toEqual([]);
  });

  it('that leads out of the repository by its name is refused', async () => {
    const { clone } = await fresh();
    await commitFiles(clone, { '.gitmodules': '[submodule "../../x"]\n\tpath = x\n\turl = https://example.org/x\n' });
    expect((await git(clone, 'push', 'towpath', 'main')).text).toMatch(/disallowed submodule name/);
  });

  it('of a file on this machine is not fetched: its folder stays empty', async () => {
    const { clone, push, checkout } = await fresh();
    const modules = `[submodule "x"]\n\tpath = x\n\turl = file://${clone}\n`;
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    const blob = await writeObject(clone, 'blob', modules);
    const { code, commit } = await push(
      await writeTree(clone, [
        ['100644', '.gitmodules', blob],
        ['160000', 'x', head],
      ]),
    );
    expect(code).toBe(0);
    expect(await readdir(join(await checkout(commit), 'x'))).toEqual([]);
  });
});

describe('more than there is room for', () => {
  it('is refused with the limit: few trees that come to very many files', async () => {
    const { clone, push, checkout, above } = await fresh();
    const tree = await writeBomb(clone, 10, 9, await writeObject(clone, 'blob', 'x'));
    const { code, commit } = await push(tree);
    expect(code).toBe(0);
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'too_large',
      message: `${commit.slice(0, 7)} has more files than a commit may have: 100000`,
    });
    expect(await readdir(above)).toEqual([]);
  });

  it('is refused with the limit: a small push that comes to very large files', async () => {
    const { clone, push, checkout, above } = await fresh();
    const large = await writeObject(clone, 'blob', Buffer.alloc(21_000_000));
    const name = (at: number): TreeEntry => ['100644', `large${at}`, large];
    const { code, commit } = await push(await writeTree(clone, [name(1), name(2), name(3)]));
    expect(code).toBe(0);
    await expect(checkout(commit)).rejects.toMatchObject({
      code: 'too_large',
      message: `${commit.slice(0, 7)} comes to more than the files of a commit may: 60000000 bytes`,
    });
    expect(await readdir(above)).toEqual([]);
    const two = await push(await writeTree(clone, [name(1), name(2)]));
    expect((await readFile(join(await checkout(two.commit), 'large2'))).length).toBe(21_000_000);
  });

  it.each([
    ['by whoever is patient', 60_000],
    ['at once', 0],
  ])('is refused %s: folders in folders, deeper than the system can name', async (_how, patienceMs) => {
    const { clone, push, repository, above } = await fresh();
    const dataDir = join(host.folder, 'data');
    const source = await openGitSource({ dataDir, limits: roomy, patienceMs });
    const name = 'n'.repeat(200);
    let tree = await writeTree(clone, [['100644', name, await writeObject(clone, 'blob', '')]]);
    for (let depth = 0; depth < 40; depth++) tree = await writeTree(clone, [['40000', name, tree]]);
    const { commit } = await push(tree);
    await expect(source.checkout(repository, commit, join(above, 'it'))).rejects.toMatchObject({
      code: 'too_large',
      message: `${commit.slice(0, 7)} has a path of more than 2000 bytes`,
    });
    expect(await readdir(above)).toEqual([]);
  });

  it('is refused: some bytes that claim to come to gigabytes are no memory', async () => {
    const { repository } = await fresh();
    const answer = await fetch(`${host.url}/${repository}.git/git-receive-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-receive-pack-request' },
      body: deltaBomb(40_000_000_000),
    });
    expect(await answer.text()).toMatch(/attempting to allocate 40000000001 over limit/);
    expect(await host.source.branches(repository)).toEqual([]);
  });

  it.each([
    ['without an end', 60_000, (list: Buffer) => list],
    ['that is packed', 10, gzipSync],
  ])('is refused: a list of branches %s', async (_how, branches, packed) => {
    const small = await openHost({ pushBytes: 1_000_000 });
    onTestFinished(() => small.close());
    await small.source.prepare('shop/api');
    const headers = { 'content-type': 'application/x-git-receive-pack-request', 'content-encoding': 'gzip' };
    const answer = await fetch(`${small.url}/shop/api.git/git-receive-pack`, {
      method: 'POST',
      headers: packed === gzipSync ? headers : { 'content-type': headers['content-type'] },
      body: new Uint8Array(packed(branchList(branches))),
    });
    expect(await answer.text()).not.toContain('unpack');
  });

  it('is not ten thousand files: they are laid out', { timeout: 240_000 }, async () => {
    const { clone, push, checkout } = await fresh();
    const { commit } = await push(await writeBomb(clone, 10, 4, await writeObject(clone, 'blob', '')));
    expect(await readdir(join(await checkout(commit), 'n009/n009/n009'))).toHaveLength(10);
  });
});

describe('what a checkout makes of a commit', () => {
  it('with files that differ in case only: each is there', async () => {
    const { clone, push, checkout } = await fresh();
    const texts = ['A.txt', 'Towpath.yaml', 'a.txt', 'towpath.yaml'];
    const blobs = await Promise.all(texts.map((text) => writeObject(clone, 'blob', text)));
    const entries = texts.map((name, at): TreeEntry => ['100644', name, blobs[at] ?? '']);
    const folder = await checkout((await push(await writeTree(clone, entries))).commit);
    for (const text of texts) expect(await readFile(join(folder, text), 'utf8')).toBe(text);
  });

  it('with links to everywhere: links, which nothing was written through', async () => {
    const { clone, push, checkout } = await fresh();
    const targets = ['/etc/passwd', '../../../../etc/passwd', '/dev/zero', '.git/config', 'loop'];
    const blobs = await Promise.all(targets.map((target) => writeObject(clone, 'blob', target)));
    const names = ['package.json', 'passwd', 'static', 'towpath.yaml', 'loop'];
    const links = names.map((name, at): TreeEntry => ['120000', name, blobs[at] ?? '']);
    const sorted = links.sort(([, a], [, b]) => (a < b ? -1 : 1));
    const folder = await checkout((await push(await writeTree(clone, sorted))).commit);
    expect((await lstat(join(folder, 'package.json'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(folder, 'passwd'))).toBe('../../../../etc/passwd');
  });

  it('with attributes that ask for programs and substitutions: the bytes as they are', async () => {
    const { clone, checkout } = await fresh();
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n$Format:%H$\n';
    const attributes = '* filter=lfs diff=evil merge=evil export-subst\nx export-ignore\n';
    const head = await commitFiles(clone, { '.gitattributes': attributes, pointer, x: 'kept' });
    await gitOk(clone, 'push', 'towpath', 'main');
    const folder = await checkout(head);
    expect(await readFile(join(folder, 'pointer'), 'utf8')).toBe(pointer);
    expect(await readFile(join(folder, 'x'), 'utf8')).toBe('kept');
  });

  it('that looks like a repository itself, with a configuration and hooks: files, which git does not obey', async () => {
    const { clone, checkout } = await fresh();
    const evil = join(host.folder, `evil${count}`);
    const hook = `#!/bin/sh\ntouch ${evil}\n`;
    const head = await commitFiles(clone, {
      HEAD: 'ref: refs/heads/main\n',
      config: `[core]\n\tbare = true\n\tfsmonitor = touch ${evil}\n\tsshCommand = touch ${evil}\n\thooksPath = hooks\n`,
      'objects/x': '',
      'refs/x': '',
      'hooks/post-checkout': hook,
      'hooks/post-index-change': hook,
    });
    await gitOk(clone, 'push', 'towpath', 'main');
    expect(await readFile(join(await checkout(head), 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
    expect(await exists(evil)).toBe(false);
  });
});

describe('a branch', () => {
  it.each(['--upload-pack=touch', '-f', '--', '-', "a';touch;'", '$(touch)', 'ü\u202ex', 'x'.repeat(200)])(
    'of the name %j is a branch like any other',
    async (name) => {
      const { clone, repository } = await fresh();
      const head = await gitOk(clone, 'rev-parse', 'HEAD');
      expect((await git(clone, 'push', 'towpath', `main:refs/heads/${name}`)).code).toBe(0);
      expect(await host.source.branches(repository)).toEqual([{ branch: name, commit: head }]);
      expect(await host.source.head(repository, name)).toBe(head);
      expect(await host.source.resolve(repository, name)).toBe(head);
    },
  );
});
