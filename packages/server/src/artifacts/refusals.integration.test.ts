import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Bundles } from './bundles.ts';
import { exists, openWorkshop, run, type Workshop } from './testing/place.ts';

let workshop: Workshop;
let bundles: Bundles;
beforeAll(async () => {
  workshop = await openWorkshop();
  bundles = workshop.bundles;
});
afterAll(async () => await workshop.close());

describe('a link', () => {
  it.each([
    ['to a neighbour', 'kept', 'deep/l'],
    ['up and down', '../other/x', 'deep/l'],
    ['to nothing', 'nowhere', 'l'],
    ['to itself', 'l', 'l'],
    ['to the system', '/usr/bin/python3', 'l'],
    ['to the top', '..', 'deep/l'],
  ])('%s (%s) is kept', async (_, target, name) => {
    const place = await workshop.build({ 'deep/kept': '', 'other/x': '' });
    await symlink(target, join(place, name));
    const { digest } = await bundles.seal(place);
    expect(await bundles.verify(bundles.location(place), digest)).toBe(true);
  });

  it('to the bundle itself by its whole path is kept', async () => {
    const place = await workshop.build({ a: '' });
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
    ['to the data folder', () => join(workshop.data, 'key'), /which leads to another part of the data folder/],
    ['to another bundle', (place: string) => `${place}0/x`, /which leads to another part of the data folder/],
    [
      'to the data folder over the system',
      () => `/proc/../${workshop.data}/key`,
      /which leads to another part of the data folder/,
    ],
  ])('%s is refused by name', async (_, target, message) => {
    const place = await workshop.build({ 'deep/kept': '' });
    await symlink(target(place), join(place, 'deep/l'));
    await expect(bundles.seal(place)).rejects.toMatchObject({
      code: 'refused_file',
      message: expect.stringMatching(message),
    });
    expect(await bundles.sealed(place)).toBeNull();
  });

  it('to the data folder over another link is refused', async () => {
    const place = await workshop.build();
    const elsewhere = await mkdtemp(join(tmpdir(), 'towpath-elsewhere-'));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    await symlink(workshop.data, join(elsewhere, 'way'));
    await writeFile(join(workshop.data, 'key'), 'secret');
    await symlink(join(elsewhere, 'way', 'key'), join(place, 'l'));
    await expect(bundles.seal(place)).rejects.toMatchObject({ code: 'refused_file' });
  });
});

describe('what a bundle must not hold', () => {
  it('is named: a pipe', async () => {
    const place = await workshop.build();
    await run('mkfifo', [join(place, 'a', 'pipe "x"')]);
    await expect(bundles.seal(place)).rejects.toMatchObject({
      code: 'refused_file',
      message: '"a/pipe \\"x\\"" is a named pipe',
    });
  });

  it('is named: a socket', async () => {
    const place = await workshop.build();
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
    const place = await workshop.build();
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

/** A small volume can be mounted only by root, or in a namespace of one's own. */
const namespace = ['--user', '--map-root-user', '--mount', '--'];
const mounts = await run('unshare', [...namespace, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
  () => true,
  () => false,
);

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
