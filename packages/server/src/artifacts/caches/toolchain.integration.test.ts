import { mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toolchainOf } from './toolchain.ts';

let top: string;
let env: Record<string, string>;

beforeEach(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-toolchain-')));
  env = { PATH: `${await program('one', 'node', 'echo v22')}:/bin`, HOME: top };
});

afterEach(() => rm(top, { recursive: true }));

async function program(folder: string, name: string, script: string): Promise<string> {
  await mkdir(join(top, folder), { recursive: true });
  await writeFile(join(top, folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return join(top, folder);
}

const of = (own: Record<string, string> = {}, name: 'yarn' | 'pnpm' | null = null, base = env) =>
  toolchainOf(top, { env: base, own, programs: name === null ? ['node'] : ['node', name] });

test('any variable of the service is another toolchain, but for its PATH, which leads to one', async () => {
  expect(await of()).toBe(await of());
  expect(await of({ NODE_ENV: 'production' })).not.toBe(await of());
  expect(await of({ PATH: `${env.PATH}:/usr/games` })).toBe(await of());
  expect(await of({ PATH: `${await program('two', 'node', 'echo v24')}:${env.PATH}` })).not.toBe(await of());
});

test('of what all inherit only what installs look at counts', async () => {
  expect(await of({}, null, { ...env, LANG: 'C' })).toBe(await of());
  expect(await of({}, null, { ...env, npm_config_omit: 'dev' })).not.toBe(await of());
});

test("npm's own settings count, and are not told", async () => {
  const before = await of();
  await writeFile(join(top, '.npmrc'), 'registry=https://token@example.com');
  const after = await of();
  expect(after).not.toBe(before);
  expect(after).not.toContain('token');
});

test('the version of another package manager counts; the commit has no say in which one that is', async () => {
  expect(await of({}, 'yarn')).toBeNull();
  await program('one', 'yarn', 'pwd; echo 1.22.22');
  expect(await of({}, 'yarn')).toContain('/\\n1.22.22');
  await program('one', 'yarn', 'echo 1.22.19');
  expect(await of({}, 'yarn')).toContain('1.22.19');
});

test('of what comes in its package the version is read there, and the program is not asked', async () => {
  const bin = await program('lib/pnpm/bin', 'pnpm', 'exit 1');
  await writeFile(join(bin, '../package.json'), '{"name":"pnpm","version":"10.34.9"}');
  await symlink(join(bin, 'pnpm'), join(top, 'one/pnpm'));
  expect(await of({}, 'pnpm')).toContain('"10.34.9"');
  await writeFile(join(bin, '../package.json'), '{"name":"corepack","version":"0.34.6"}');
  expect(await of({}, 'pnpm')).toBeNull();
  await program('lib/pnpm/bin', 'pnpm', 'echo 11.0.0');
  expect(await of({}, 'pnpm')).toContain('"11.0.0"');
});

test.each(['rc', 'config.yaml'])("pnpm's own settings count: %s", async (name) => {
  const before = await of();
  await mkdir(join(top, '.config/pnpm'), { recursive: true });
  await writeFile(join(top, '.config/pnpm', name), 'hoist=false');
  expect(await of()).not.toBe(before);
  expect(await of({}, null, { ...env, pnpm_config_hoist: 'false' })).not.toBe(await of());
});

test('without Node there is nothing to keep', async () => {
  expect(await of({}, null, { PATH: join(top, 'nowhere') })).toBeNull();
});

test('for what Python installs Python counts, with the place that it is at, and Node does not', async () => {
  const python = (PATH: string) => toolchainOf(top, { env: { PATH }, own: {}, programs: ['python3'] });
  const one = await python(await program('three', 'python3', 'echo 3.11 /usr'));
  expect(one).toContain('3.11 /usr');
  expect(await python(await program('four', 'python3', 'echo 3.11 /opt'))).not.toBe(one);
  expect(await python(join(top, 'nowhere'))).toBeNull();
});
