import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/scene.ts';
import { binary, checkRuntime, ensureRuntime, findPackage, type Package, removeOldRuntimes } from './runtime.ts';

const server = fileURLToPath(import.meta.resolve('@towpath/server/main'));

/** A package as npm unpacks it, with a `postgres` of our own and without the links that npm leaves out. */
function packageWith(script: string): Package {
  const native = join(temporaryFolder(), 'native');
  for (const folder of ['bin', 'lib']) mkdirSync(join(native, folder), { recursive: true });
  writeFileSync(join(native, 'bin', 'postgres'), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  writeFileSync(join(native, 'lib', 'libpq.so.5.18'), 'library', { mode: 0o600 });
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return { native, version: '18.4.0' };
}

test('the copy has the links that npm leaves out, and is open to the account whatever the umask was', async () => {
  const place = temporaryFolder();
  const { folder, copied } = await ensureRuntime(packageWith('exit 0'), place);
  expect(copied).toBe(true);
  expect(readlinkSync(join(folder, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
  expect(statSync(binary(folder, 'postgres')).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, 'lib', 'libpq.so.5.18')).mode & 0o777).toBe(0o644);
});

test('a second call copies nothing; the half copy of a killed one is thrown away', async () => {
  const place = temporaryFolder();
  const half = join(place, 'runtime-18.4.0.draft-1');
  mkdirSync(join(half, 'bin'), { recursive: true });
  const pack = packageWith('exit 0');
  const { folder } = await ensureRuntime(pack, place);
  expect(readdirSync(place)).toEqual(['runtime-18.4.0']);
  const inode = lstatSync(folder).ino;
  expect(await ensureRuntime(pack, place)).toEqual({ folder, copied: false });
  expect(lstatSync(folder).ino).toBe(inode);
});

test('copies of other versions go once they are not used any more', async () => {
  const place = temporaryFolder();
  mkdirSync(join(place, 'runtime-18.3.0', 'bin'), { recursive: true });
  mkdirSync(join(place, 'data'));
  const { folder } = await ensureRuntime(packageWith('exit 0'), place);
  removeOldRuntimes(place, folder);
  expect(readdirSync(place).sort()).toEqual(['data', 'runtime-18.4.0']);
});

test('a system that is too old for the binaries is told so, with the way out', async () => {
  const glibc = "/lib/x86_64-linux-gnu/libc.so.6: version 'GLIBC_2.99' not found";
  const { folder } = await ensureRuntime(packageWith(`echo "${glibc}" >&2; exit 1`), temporaryFolder());
  expect(() => checkRuntime(folder, null)).toThrow(/does not run on this system: .*GLIBC_2\.99/);
  expect(() => checkRuntime(folder, null)).toThrow(
    expect.objectContaining({ code: 'database_unusable', help: expect.stringContaining('DATABASE_URL') }),
  );
});

test('binaries that may not be executed where they lie are told so', async () => {
  const { folder } = await ensureRuntime(packageWith('exit 0'), temporaryFolder());
  chmodSync(binary(folder, 'postgres'), 0o644);
  expect(() => checkRuntime(folder, null)).toThrow(
    expect.objectContaining({ help: expect.stringContaining('noexec') }),
  );
});

test('a platform without a package is told so', () => {
  expect(() => findPackage(server, 'sunos-sparc')).toThrow('no embedded PostgreSQL for sunos-sparc');
});

test("this platform's package is found among the server's dependencies", () => {
  const { native, version } = findPackage(server);
  expect(version).toMatch(/^\d+\.\d+/);
  expect(existsSync(join(native, 'bin', 'initdb'))).toBe(true);
});
