import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './system/testing/scene.ts';
import { readVersion } from './version.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

function towpath(...words: string[]) {
  const home = temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the version, for people and for programs', () => {
  expect(towpath('--version')).toEqual({ status: 0, stdout: `${readVersion()}\n`, stderr: '' });
  expect(JSON.parse(towpath('version', '--json').stdout)).toMatchObject({ version: readVersion() });
});

test.each([
  ['nope'],
  ['up', '--port', '70000'],
  ['up', '--listen', '8080'],
  ['up', '--servers', '0'],
  ['down', 'what'],
])('what is not understood ends with 2 and the way out: towpath %s %s', (...words) => {
  const { status, stdout, stderr } = towpath(...words);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: .*\n(.*\n)?→ towpath --help\n$/);
});

test('what fails ends with 1, says why on stderr, and leaves stdout to JSON', () => {
  const data = join(temporaryFolder(), 'nothing');
  const { status, stdout, stderr } = towpath('down', '--data', data, '--json');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toBe(`error: there is no Towpath in ${data}\n→ Name its data folder: towpath down --data <folder>\n`);
});

test('the help of a verb shows its options', () => {
  expect(towpath('up', '--help').stdout).toContain('--database-url');
  expect(towpath('help', 'up').stdout).toContain('--database-url');
});
