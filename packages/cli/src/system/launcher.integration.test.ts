import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findLauncher, linkCommand } from './launcher.ts';
import { temporaryFolder } from './testing/scene.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  vi.stubEnv('HOME', home);
});
afterEach(() => void vi.unstubAllEnvs());

test('the command makes a link that works, whatever the path looks like', () => {
  const launcher = join(temporaryFolder(), "it's a towpath");
  writeFileSync(launcher, '#!/bin/sh\necho ran\n', { mode: 0o755 });
  const command = linkCommand(launcher, { PATH: '/usr/bin:/bin' }, false) ?? '';
  const ran = spawnSync('sh', ['-ec', `${command}; towpath`], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' });
  expect(ran.stdout).toBe('ran\n');
  expect(readlinkSync(join(home, '.local', 'bin', 'towpath'))).toBe(launcher);
});

test('there is nothing to do when it is on the PATH, or when npm has put it there', () => {
  const folder = join(home, 'bin');
  mkdirSync(folder);
  symlinkSync('/bin/true', join(folder, 'towpath'));
  expect(linkCommand('/opt/towpath/towpath', { PATH: `/usr/bin:${folder}` }, false)).toBeNull();
  expect(linkCommand(null, { PATH: '/usr/bin' }, false)).toBeNull();
});

test('root links it for everybody', () => {
  expect(linkCommand('/opt/towpath/towpath', { PATH: '/usr/bin' }, true)).toBe(
    'ln -s /opt/towpath/towpath /usr/local/bin/towpath',
  );
});

test("a clone's launcher is found", () => {
  const launcher = findLauncher();
  expect(launcher !== null && existsSync(launcher)).toBe(true);
});
