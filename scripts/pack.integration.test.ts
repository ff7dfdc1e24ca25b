/** What users install must run without type stripping: pack, install into an empty folder, start. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { publishedManifest } from './published-manifest.ts';

const Manifest = z.object({ name: z.string(), exports: z.record(z.string(), z.string()) });
const root = join(import.meta.dirname, '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-packed-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  succeed(process.execPath, join(import.meta.dirname, 'pack.ts'), join(folder, 'tarballs'));
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  succeed('npm', 'install', ...quietly, ...globSync(join(folder, 'tarballs/*.tgz')));
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the installed towpath runs, and knows its version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
  expect(succeed(process.execPath, join(folder, 'node_modules/.bin/towpath'), '--version').trim()).toBe(version);
});

test('every address that a package publishes leads to a module that loads', () => {
  const addresses = globSync('packages/*/package.json', { cwd: root }).flatMap((file) => {
    const { name, exports } = Manifest.parse(JSON.parse(readFileSync(join(root, file), 'utf8')));
    return Object.entries(exports).map(([entry, target]) => ({ address: `${name}${entry.slice(1)}`, target }));
  });
  const published = addresses.filter(({ target }) => !target.includes('/testing/'));
  // A main.ts is a program, which starts when it is loaded, and a page is none of either: only their addresses are asked for.
  const isModule = ({ target }: { target: string }) => target.endsWith('.ts') && !target.endsWith('/main.ts');
  const programs = published.filter((each) => !isModule(each)).map(({ address }) => address);
  const modules = published.filter(isModule).map(({ address }) => address);
  writeFileSync(
    join(folder, 'load.mjs'),
    `import { existsSync } from 'node:fs';
for (const address of ${JSON.stringify(modules)}) await import(address);
for (const address of ${JSON.stringify(programs)}) if (!existsSync(new URL(import.meta.resolve(address)))) throw new Error(address);
`,
  );
  succeed(process.execPath, join(folder, 'load.mjs'));
  expect(programs).toContain('@towpath/server/main');
  expect(modules).toContain('@towpath/contract');
});

test('only what users need is in it', () => {
  const files = globSync('node_modules/@towpath/**/*', { cwd: folder });
  expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\/testing\//.test(file))).toEqual([]);
  expect(files.filter((file) => file.endsWith('/LICENSE'))).toHaveLength(globSync('packages/*', { cwd: root }).length);
});

test('a manifest that users see points into dist', () => {
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const manifest = publishedManifest(JSON.parse(readFileSync(join(root, file), 'utf8')));
    expect(JSON.stringify(manifest)).not.toContain('./src/');
    expect(manifest.exports).not.toEqual({});
  }
});

function succeed(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stderr}${stdout}`);
  return stdout;
}
