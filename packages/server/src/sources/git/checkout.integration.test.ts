import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushCommit, writerOf } from './testing/commits.ts';
import { type GitHost, gitOk, openHost } from './testing/host.ts';

let host: GitHost;
let count = 0;
beforeAll(async () => {
  host = await openHost();
});
afterAll(async () => await host.close());

async function fresh() {
  const repository = `shop/c${++count}`;
  await host.source.prepare(repository);
  return { repository, folder: join(host.folder, `checkout ${count}`, 'it') };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a build in a checkout', () => {
  it('may ask git who it is', async () => {
    const { repository, folder } = await fresh();
    const first = await pushCommit(host, repository, { branch: 'main', files: { a: '1' } });
    await gitOk(await writerOf(host, repository), 'push', '--quiet', 'towpath', `${first}:refs/tags/v1`);
    const second = await pushCommit(host, repository, { branch: 'main', files: { a: '2' } });
    await host.source.checkout(repository, second, folder);
    expect(await gitOk(folder, 'rev-parse', 'HEAD')).toBe(second);
    expect(await gitOk(folder, 'describe', '--tags')).toBe(`v1-1-g${second.slice(0, 7)}`);
    expect(await gitOk(folder, 'status', '--porcelain')).toBe('');
    expect(await gitOk(folder, 'log', '--format=%H')).toBe(`${second}\n${first}`);
    expect(await gitOk(folder, 'rev-parse', '--show-toplevel')).toBe(folder);
  });

  it('cannot write into the mirror by what it does to its own repository', async () => {
    const { repository, folder } = await fresh();
    const commit = await pushCommit(host, repository, { branch: 'main', files: { a: '1' } });
    await host.source.checkout(repository, commit, folder);
    await gitOk(folder, 'checkout', '--quiet', '-b', 'main');
    await gitOk(folder, 'commit', '--quiet', '--allow-empty', '--message=x');
    await gitOk(folder, 'tag', 'v9');
    await gitOk(folder, 'gc', '--quiet', '--prune=now');
    expect(await host.source.branches(repository)).toEqual([{ branch: 'main', commit }]);
    expect(await host.source.resolve(repository, 'v9')).toBeNull();
  });
});

describe('a hostile commit', () => {
  it('runs nothing by its attributes, its modules or its hooks', async () => {
    const { repository, folder } = await fresh();
    const proof = join(host.folder, 'proof');
    const touch = `touch '${proof}'`;
    const commit = await pushCommit(host, repository, {
      branch: 'main',
      files: {
        '.gitattributes': '* filter=evil diff=evil\n*.bin filter=lfs\n',
        '.gitconfig': `[filter "evil"]\n\tsmudge = ${touch}\n`,
        'a.bin': 'version https://git-lfs.github.com/spec/v1\n',
        hooks: { link: '.git/hooks' },
        '.githooks/post-checkout': { executable: `#!/bin/sh\n${touch}\n` },
        '.gitmodules': `[submodule "m"]\n\tpath = m\n\turl = file://${host.folder}/data\n`,
        m: { submodule: '2'.repeat(40) },
      },
    });
    await host.source.checkout(repository, commit, folder);
    expect(await readFile(join(folder, 'a.bin'), 'utf8')).toContain('git-lfs');
    expect(await readdir(join(folder, 'm'))).toEqual([]);
    expect(await exists(proof)).toBe(false);
  });

  it('does not write through its links', async () => {
    const { repository, folder } = await fresh();
    const outside = join(host.folder, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), 'kept');
    const first = await pushCommit(host, repository, { branch: 'main', files: { out: { link: outside } } });
    await host.source.checkout(repository, first, folder);
    expect(await readlink(join(folder, 'out'))).toBe(outside);
    // The next commit has a folder of that name; the old link must not lead its files, or their removal, outside.
    const second = await pushCommit(host, repository, {
      branch: 'main',
      files: { 'out/kept': 'evil', 'out/new': 'evil' },
    });
    await host.source.checkout(repository, second, folder);
    expect(await readFile(join(folder, 'out', 'kept'), 'utf8')).toBe('evil');
    expect(await readdir(outside)).toEqual(['kept']);
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept');
  });
});

describe('what a crash leaves', () => {
  it('is removed by the next checkout, unless its maker lives', async () => {
    const { repository, folder } = await fresh();
    const commit = await pushCommit(host, repository, { branch: 'main', files: { a: '1' } });
    const above = join(folder, '..');
    const dead = spawn('true');
    await once(dead, 'close');
    const names = {
      dead: `.it.${dead.pid}-0123456789ab.part`,
      alive: `.it.${process.pid}-0123456789ab.part`,
      other: `.its.${dead.pid}-0123456789ab.part`,
    };
    for (const name of Object.values(names)) await mkdir(join(above, name, 'half'), { recursive: true });
    await host.source.checkout(repository, commit, folder);
    expect((await readdir(above)).sort()).toEqual([names.alive, names.other, 'it'].sort());
  });

  it('without its marker is done again', async () => {
    const { repository, folder } = await fresh();
    const commit = await pushCommit(host, repository, { branch: 'main', files: { a: '1', b: '2' } });
    await mkdir(join(folder, '.git'), { recursive: true });
    await writeFile(join(folder, 'a'), 'half');
    await host.source.checkout(repository, commit, folder);
    expect((await readdir(folder)).sort()).toEqual(['.git', 'a', 'b']);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1');
  });
});
