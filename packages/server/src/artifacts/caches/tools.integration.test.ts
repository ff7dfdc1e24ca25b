import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { cacheScopes } from '../../domain/cache/scope.ts';
import { removeTree } from '../../tree.ts';
import { type Downloads, openDownloads } from './downloads.ts';
import { integrityOf, packed, registry } from './testing/registry.ts';

const timeout = 120_000;
const run = promisify(execFile);

let folder: string;
let downloads: Downloads;
let runs: number;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-tools-')));
  runs = 0;
  const bounds = { bytes: 1e9, idleMs: 3_600_000 };
  downloads = openDownloads({
    dataDir: folder,
    bounds,
    env: {},
    log: (_message, error) => expect.unreachable(String(error)),
  });
});

afterEach(async () => {
  await downloads.settled();
  await removeTree(folder);
});

interface Ended {
  readonly said: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a script as a stage of a new run of that branch would, in a fresh folder with these files. */
async function stage(branch: string, files: Readonly<Record<string, string>>, script: string): Promise<Ended> {
  const number = ++runs;
  const { writes: scope } = cacheScopes({ service: 1, branch, trusted: branch === 'main' });
  const use = { scope, run: number, key: `${number}:prepare:1` };
  const env = await downloads.open(use, 3_600_000);
  const cwd = join(folder, 'workspaces', String(number));
  await mkdir(cwd, { recursive: true });
  await put(cwd, files);
  const { PATH = '', HOME = '', PYENV_ROOT = join(HOME, '.pyenv'), RUSTUP_HOME = join(HOME, '.rustup') } = process.env;
  // Toolchains may lie in the home folder; nothing else of it is in sight.
  const base = { PATH, PYENV_ROOT, RUSTUP_HOME, HOME: join(folder, 'home'), GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' };
  const { stdout } = await run('sh', ['-e', '-c', script], { cwd, env: { ...base, ...env }, timeout });
  await downloads.close(use);
  return { said: stdout, env };
}

async function put(place: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), text);
  }
}

withParts(['npm'], () => {
  test('npm meets what its own scope downloaded, and nothing else', { timeout }, async () => {
    const tarball = packed({ 'package.json': '{"name":"a","version":"1.0.0"}' });
    using source = await registry({ '/a.tgz': tarball });
    const integrity = integrityOf(tarball);
    const manifest = { name: 'app', version: '1.0.0', dependencies: { a: '1.0.0' } };
    const entry = { version: '1.0.0', resolved: `${source.url}/a.tgz`, integrity };
    const lock = {
      ...manifest,
      lockfileVersion: 3,
      requires: true,
      packages: { '': manifest, 'node_modules/a': entry },
    };
    const files = { 'package.json': JSON.stringify(manifest), 'package-lock.json': JSON.stringify(lock) };
    const counts: number[] = [];
    for (const branch of ['feature', 'main', 'main', 'other', 'feature']) {
      await stage(branch, files, 'npm ci --no-audit --no-fund && test -f node_modules/a/package.json');
      counts.push(source.asked.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3]);
  });
});

withParts(['python'], () => {
  test('pip meets what its own scope downloaded, and nothing else', { timeout }, async () => {
    await mkdir(join(folder, 'wheel'));
    const wheel = join(folder, 'wheel/demo-1.0-py3-none-any.whl');
    await run('python3', ['-c', makeWheel, wheel]);
    const page = '<!DOCTYPE html><a href="/demo-1.0-py3-none-any.whl">demo-1.0-py3-none-any.whl</a>';
    using source = await registry({ '/simple/demo/': page, '/demo-1.0-py3-none-any.whl': readFileSync(wheel) });
    const script = `python3 -m pip install --disable-pip-version-check --trusted-host 127.0.0.1 --no-deps --target x --index-url ${source.url}/simple demo==1.0 && cat x/demo.py`;
    const counts: number[] = [];
    for (const branch of ['feature', 'main', 'main']) {
      expect((await stage(branch, {}, script)).said).toContain('WHOSE = "ours"');
      counts.push(source.asked.filter((path) => path.endsWith('.whl')).length);
    }
    expect(counts).toEqual([1, 2, 2]);
  });
});

withParts(['go', 'python'], () => {
  test('what another branch wrote into the module cache is met by no trusted one', { timeout }, async () => {
    // Modules whose folder was written to are not looked through again by go build.
    const proxy = join(folder, 'proxy/example.com/a/@v');
    await put(proxy, {
      list: 'v1.0.0\n',
      'v1.0.0.info': '{"Version":"v1.0.0"}',
      'v1.0.0.mod': 'module example.com/a\n',
    });
    await put(folder, { 'go.mod': 'module example.com/a\n', 'a.go': 'package a // ours\n' });
    await run('python3', ['-c', makeModule, join(proxy, 'v1.0.0.zip'), join(folder, 'go.mod'), join(folder, 'a.go')]);
    const files = { 'go.mod': 'module app\n\ngo 1.20\n\nrequire example.com/a v1.0.0\n' };
    const script = `export GOPROXY='file://${join(folder, 'proxy')}' GONOSUMDB='*' GOSUMDB=off
      go mod download && cat "$(go list -m -f '{{.Dir}}' example.com/a)/a.go"`;
    const first = await stage('feature', files, script);
    expect(first.said).toBe('package a // ours\n');
    const module = join(first.env.GOMODCACHE ?? '', 'example.com/a@v1.0.0');
    await chmod(join(module, 'a.go'), 0o644);
    await writeFile(join(module, 'a.go'), 'package a // poison\n');
    expect((await stage('feature', files, script)).said).toBe('package a // poison\n');
    expect((await stage('main', files, script)).said).toBe('package a // ours\n');
    expect((await stage('other', files, script)).said).toBe('package a // ours\n');
  });
});

withParts(['cargo', 'git'], () => {
  test("what another branch wrote into Cargo's home is met by no trusted one", { timeout }, async () => {
    const crate = join(folder, 'crate');
    await put(crate, { 'Cargo.toml': '[package]\nname = "a"\nversion = "1.0.0"\n', 'src/lib.rs': '// ours\n' });
    const git = (...argv: string[]) =>
      run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...argv], { cwd: crate });
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-qm', 'a');
    const files = {
      'Cargo.toml': `[package]\nname = "app"\nversion = "1.0.0"\n[dependencies]\na = { git = "file://${crate}" }\n`,
      'src/main.rs': 'fn main() {}\n',
    };
    const script = 'cargo fetch -q && cat "$CARGO_HOME"/git/checkouts/*/*/src/lib.rs';
    const first = await stage('feature', files, script);
    expect(first.said).toBe('// ours\n');
    await stage(
      'feature',
      files,
      'for f in "$CARGO_HOME"/git/checkouts/*/*/src/lib.rs; do echo "// poison" > "$f"; done',
    );
    expect((await stage('feature', files, script)).said).toBe('// poison\n');
    expect((await stage('main', files, script)).said).toBe('// ours\n');
  });
});

const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('demo.py', 'WHOSE = "ours"\\n')
    wheel.writestr('demo-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n')
    wheel.writestr('demo-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('demo-1.0.dist-info/RECORD', 'demo.py,,\\n')
`;

const makeModule = `
import sys, os, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as module:
    for path in sys.argv[2:]:
        module.write(path, 'example.com/a@v1.0.0/' + os.path.basename(path))
`;
