import { execFile, spawnSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import {
  access,
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, openBundles } from './bundles.ts';

const run = promisify(execFile);

let data: string;
let bundles: Bundles;
let count = 0;
beforeAll(async () => {
  data = await realpath(await mkdtemp(join(tmpdir(), 'towpath bundles ')));
  bundles = openBundles(data);
});
afterAll(async () => {
  await run('chmod', ['-R', 'u+rwx', data]);
  await run('rm', ['-rf', data]);
});

/** A new place with these files, not sealed yet. */
async function build(files: Record<string, string | Buffer> = { 'a/b': 'c' }): Promise<string> {
  const place = bundles.place(1, `key-${++count}`);
  await mkdir(place, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), content);
  }
  return place;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const seal = async (files: Record<string, string | Buffer>) => (await bundles.seal(await build(files))).digest;
const mode = async (path: string) => (await lstat(path)).mode & 0o7777;

describe('the digest', () => {
  it('is what its description says, so that anyone can recompute it', async () => {
    const place = await build({ 'b/run': '#!/bin/sh\n', 'b-a': 'x', ä: '', '.git/HEAD': 'x' });
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
    const place = await build({ 'c/d': '3', b: '2', a: '1' });
    await utimes(join(place, 'a'), 1, 1);
    await chmod(join(place, 'b'), 0o600);
    await chmod(join(place, 'c'), 0o700);
    expect((await bundles.seal(place)).digest).toBe(first);
  });

  it('changes with anything else', async () => {
    const executable = await build({ a: '1' });
    await chmod(join(executable, 'a'), 0o744);
    const linked = await build({ b: '1' });
    await symlink('b', join(linked, 'a'));
    const folder = await build({});
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
    const place = await build({ empty: '', large: Buffer.alloc(3_000_000, 'x') });
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
    const place = await build(files);
    const first = await bundles.seal(place);
    expect(first.files).toBe(5_000);
    expect(await bundles.verify(bundles.location(place), first.digest)).toBe(true);
  });
});

describe('a sealed bundle', () => {
  it('is read-only, whatever its modes were', async () => {
    const place = await build({ 'a/b': '1', run: '2' });
    await chmod(join(place, 'run'), 0o4775);
    await chmod(join(place, 'a/b'), 0o000);
    await chmod(join(place, 'a'), 0o300);
    await bundles.seal(place);
    expect(await mode(place)).toBe(0o555);
    expect(await mode(join(place, 'a'))).toBe(0o555);
    expect(await mode(join(place, 'a/b'))).toBe(0o444);
    expect(await mode(join(place, 'run'))).toBe(0o555);
  });

  it('is its own: a hard link to it changes nothing in it', async () => {
    const place = await build({ kept: 'x' });
    const store = join(data, `store-${count}`);
    await writeFile(store, 'right');
    await link(store, join(place, 'shared'));
    const { digest } = await bundles.seal(place);
    expect(await mode(store)).not.toBe(0o444);
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
    const place = await build(files);
    await chmod(join(place, '.git/objects/info'), 0o555);
    await bundles.seal(place);
    expect(await readdir(join(place, '.git'))).toEqual(['towpath-commit']);
    expect(await exists(join(place, 'm/.git/HEAD'))).toBe(true);
    const file = await build({ a: '1', 'm/.git/HEAD': 'w', '.git': 'gitdir: /somewhere' });
    expect((await bundles.seal(file)).digest).toBe((await bundles.sealed(place))?.digest);
    expect(await exists(join(file, '.git'))).toBe(false);
  });

  it('has its seal at once, and gives it again without a look', async () => {
    const place = await build();
    expect(await bundles.sealed(place)).toBeNull();
    const first = await bundles.seal(place);
    expect(await openBundles(data).sealed(place)).toEqual(first);
    await chmod(join(place, 'a/b'), 0o644);
    await writeFile(join(place, 'a/b'), 'changed');
    expect(await bundles.seal(place)).toEqual(first);
    expect(await bundles.verify(bundles.location(place), first.digest)).toBe(false);
  });

  it('gets the same seal after a crash anywhere in the middle', async () => {
    const wanted = await seal({ 'a/b': '1', 'c/d/e': '2' });
    const place = await build({ 'a/b': '1', 'c/d/e': '2' });
    // As a crash leaves it: part of the tree is read-only, a record was begun.
    await chmod(join(place, 'c/d/e'), 0o444);
    await chmod(join(place, 'c/d'), 0o555);
    await chmod(place, 0o555);
    await writeFile(`${place}.sealed.json.0-0`, '{"dig');
    expect((await bundles.seal(place)).digest).toBe(wanted);
  });

  it('may be sealed by two servers at once', async () => {
    const place = await build({ 'a/b': '1', c: '2' });
    const seals = await Promise.all([bundles, openBundles(data), bundles].map((one) => one.seal(place)));
    expect(new Set(seals.map(({ digest }) => digest)).size).toBe(1);
  });

  it('without its folder is gone', async () => {
    const place = await build();
    const { digest } = await bundles.seal(place);
    await rename(place, `${place}-away`);
    expect(await bundles.sealed(place)).toBeNull();
    expect(await bundles.verify(bundles.location(place), digest)).toBe(false);
    await expect(bundles.seal(place)).rejects.toMatchObject({ code: 'artifact_gone' });
  });
});

describe('a link', () => {
  it.each([
    ['to a neighbour', 'kept', 'deep/l'],
    ['up and down', '../other/x', 'deep/l'],
    ['to nothing', 'nowhere', 'l'],
    ['to itself', 'l', 'l'],
    ['to the system', '/usr/bin/python3', 'l'],
    ['to the top', '..', 'deep/l'],
  ])('%s (%s) is kept', async (_, target, name) => {
    const place = await build({ 'deep/kept': '', 'other/x': '' });
    await symlink(target, join(place, name));
    const { digest } = await bundles.seal(place);
    expect(await bundles.verify(bundles.location(place), digest)).toBe(true);
  });

  it('to the bundle itself by its whole path is kept', async () => {
    const place = await build({ a: '' });
    await symlink(join(place, 'a'), join(place, 'l'));
    await expect(bundles.seal(place)).resolves.toMatchObject({ files: 1 });
  });

  it.each([
    ['out of the bundle', () => '../../x', /"deep\/l" is a link to "\.\.\/\.\.\/x", which leads out of the bundle/],
    ['far out', () => `${'../'.repeat(30)}etc/passwd`, /which leads out of the bundle/],
    [
      'to a bundle with a longer name',
      (place: string) => `../../${place.split('/').at(-1)}0/x`,
      /which leads out of the bundle/,
    ],
    ['to the data folder', () => join(data, 'key'), /which leads to another part of the data folder/],
    ['to another bundle', (place: string) => `${place}0/x`, /which leads to another part of the data folder/],
    [
      'to the data folder over the system',
      () => `/proc/../${data}/key`,
      /which leads to another part of the data folder/,
    ],
  ])('%s is refused by name', async (_, target, message) => {
    const place = await build({ 'deep/kept': '' });
    await symlink(target(place), join(place, 'deep/l'));
    await expect(bundles.seal(place)).rejects.toMatchObject({
      code: 'refused_file',
      message: expect.stringMatching(message),
    });
    expect(await bundles.sealed(place)).toBeNull();
  });

  it('to the data folder over another link is refused', async () => {
    const place = await build();
    const elsewhere = await mkdtemp(join(tmpdir(), 'towpath-elsewhere-'));
    await symlink(data, join(elsewhere, 'way'));
    await writeFile(join(data, 'key'), 'secret');
    await symlink(join(elsewhere, 'way', 'key'), join(place, 'l'));
    await expect(bundles.seal(place)).rejects.toMatchObject({ code: 'refused_file' });
    await rm(elsewhere, { recursive: true });
  });
});

describe('what a bundle must not hold', () => {
  it('is named: a pipe', async () => {
    const place = await build();
    await run('mkfifo', [join(place, 'a', 'pipe "x"')]);
    await expect(bundles.seal(place)).rejects.toMatchObject({
      code: 'refused_file',
      message: '"a/pipe \\"x\\"" is a named pipe',
    });
  });

  it('is named: a socket', async () => {
    const place = await build();
    const server = createServer();
    // By a short name: paths of sockets are limited.
    const short = await mkdtemp(join(tmpdir(), 's-'));
    await symlink(place, join(short, 'p'));
    await new Promise<void>((resolve) => server.listen(join(short, 'p', 's'), resolve));
    await expect(bundles.seal(place)).rejects.toMatchObject({ code: 'refused_file', message: '"s" is a socket' });
    await new Promise((resolve) => server.close(resolve));
    await rm(short, { recursive: true });
  });

  it('is a path that the system cannot name at once, and it can be removed all the same', async () => {
    const place = await build();
    const name = 'n'.repeat(250);
    await run(
      'sh',
      ['-c', `i=0; while [ $i -lt 20 ]; do mkdir ${name} && cd -P ./${name} || exit 1; i=$((i+1)); done`],
      {
        cwd: place,
      },
    );
    await expect(bundles.seal(place)).rejects.toMatchObject({
      code: 'refused_file',
      message: expect.stringContaining('too long'),
    });
    await bundles.remove(bundles.location(place));
    expect(await exists(place)).toBe(false);
  });
});

describe('removing', () => {
  it('takes the tree and its seal, and may be done twice', async () => {
    const place = await build({ 'a/b/c': '1' });
    await bundles.seal(place);
    await bundles.remove(bundles.location(place));
    await bundles.remove(bundles.location(place));
    expect((await readdir(dirname(place))).filter((name) => name.startsWith(`key-${count}`))).toEqual([]);
  });

  it('takes up what a crash left of it', async () => {
    const place = await build();
    await bundles.seal(place);
    await rename(place, `${place}.trash`);
    await bundles.remove(bundles.location(place));
    expect((await readdir(dirname(place))).filter((name) => name.startsWith(`key-${count}`))).toEqual([]);
  });

  it('does not follow links', async () => {
    const place = await build();
    const outside = await mkdtemp(join(tmpdir(), 'towpath-outside-'));
    await chmod(outside, 0o555);
    await symlink(outside, join(place, 'l'));
    await bundles.seal(place);
    await bundles.remove(bundles.location(place));
    expect(await mode(outside)).toBe(0o555);
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
    expect(place).toBe(join(data, 'bundles/7/12-1'));
    expect(bundles.location(place)).toBe('bundles/7/12-1');
    expect(bundles.folder('bundles/7/12-1')).toBe(place);
  });
});

/** A small volume can be mounted only by root, or in a namespace of one's own. */
const namespace = ['--user', '--map-root-user', '--mount', '--'];
const mounts = spawnSync('unshare', [...namespace, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

describe('a full disk', () => {
  it.runIf(mounts)('is named with its volume', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'towpath-full-')));
    const script = [
      `import { openBundles } from ${JSON.stringify(join(import.meta.dirname, 'bundles.ts'))};`,
      `const bundles = openBundles(${JSON.stringify(folder)});`,
      `try { await bundles.seal(bundles.place(1, 'a')); }`,
      'catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })); }',
    ].join('\n');
    const mounted = [
      'mount -t tmpfs -o size=1m tmpfs "$1"',
      'mkdir -p "$1/bundles/1/a"',
      'dd if=/dev/zero of="$1/bundles/1/a/filler" bs=4k 2>/dev/null',
      '"$2" --input-type=module --eval "$3"',
    ].join('; ');
    const { stdout } = await run('unshare', [
      ...namespace,
      'sh',
      '-c',
      mounted,
      'sh',
      folder,
      process.execPath,
      script,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      code: 'disk_full',
      message: `no space is left on ${folder}, for the bundle ${folder}/bundles/1/a`,
    });
    await rm(folder, { recursive: true });
  });
});
