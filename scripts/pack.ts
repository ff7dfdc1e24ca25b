/**
 * Packs every package for publishing: `scripts/node scripts/pack.ts FOLDER` leaves one tarball each in FOLDER.
 * Node strips types outside node_modules only, so what is installed must be JavaScript: `src/x.ts` becomes `dist/x.js`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { entriesOf, publishedManifest } from './published-manifest.ts';

const root = join(import.meta.dirname, '..');
const target = process.argv[2];
if (target === undefined) {
  console.error('usage: scripts/node scripts/pack.ts FOLDER');
  process.exit(2);
}

const stage = mkdtempSync(join(tmpdir(), 'towpath-pack-'));
try {
  pack(resolve(target));
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function pack(folder: string): void {
  const packages = globSync(join(root, 'packages/*/package.json')).map((file) => ({
    source: dirname(file),
    name: basename(dirname(file)),
    manifest: JSON.parse(readFileSync(file, 'utf8')),
  }));
  for (const { source, name, manifest } of packages) {
    const dist = join(stage, name, 'dist');
    mkdirSync(dist, { recursive: true });
    const entries = entriesOf(manifest);
    if (entries.length === 0) copyPages(source, dist);
    else {
      compile(source, entries, dist);
      cpSync(join(source, 'src'), dist, {
        recursive: true,
        filter: (file) => !/\.ts$|\/(?:testing|testdata)$/.test(file),
      });
    }
    cpSync(join(root, 'LICENSE'), join(stage, name, 'LICENSE'));
    const published = `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`;
    writeFileSync(join(stage, name, 'package.json'), published);
  }
  mkdirSync(folder, { recursive: true });
  const folders = packages.map(({ name }) => join(stage, name));
  run('npm', 'pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', folder, ...folders);
}

/** A package of pages, which its own script builds. */
function copyPages(source: string, dist: string): void {
  run(process.execPath, join(import.meta.dirname, 'build-dashboard.ts'));
  cpSync(join(source, 'dist/current'), join(dist, 'current'), { recursive: true, dereference: true });
}

/**
 * Builds what a package's entries reach of its own, and nothing else. One package at a time: a file that is found through another package's
 * import counts as a library's, and whether it does first is a matter of luck. Types are held by `npm run check`; here they are only taken
 * away.
 */
function compile(source: string, entries: readonly string[], dist: string): void {
  const config = join(dist, '..', 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    declaration: true,
    rootDir: join(source, 'src'),
    outDir: dist,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const files = entries.map((entry) => join(source, entry));
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }));
  run(process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', config);
  rmSync(config);
}

function run(program: string, ...args: string[]): void {
  const { status, error, stdout } = spawnSync(program, args, { cwd: stage, stdio: ['ignore', 'pipe', 'inherit'] });
  if (status === 0) return;
  throw new Error(`${program} ${args[0]} failed: ${error?.message ?? `exit code ${status}`}\n${stdout}`);
}
