/**
 * Builds the dashboard when its sources or the lockfile changed: `scripts/node scripts/build-dashboard.ts`. What was built lies in
 * packages/dashboard/dist/<digest>, and `dist/current` points there: who builds at the same time gets the same, whole.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const dashboard = join(root, 'packages/dashboard');
const dist = join(dashboard, 'dist');
const packed: ReadonlySet<string> = new Set(['.html', '.js', '.css', '.svg']);
/** Older ones are kept for servers that have not read them yet. */
const kept = 2;

/** Stands for everything that decides what is built. */
function digest(): string {
  const hash = createHash('sha256');
  const files = [
    ...globSync('packages/{dashboard,client,contract}/src/**/*', { cwd: root, exclude: ['**/*.test.ts'] }),
    ...globSync('packages/dashboard/{index.html,*.ts,*.json,public/*}', { cwd: root }),
    'package-lock.json',
    'scripts/build-dashboard.ts',
  ].filter((path) => extname(path) !== '');
  for (const path of files.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

async function build(name: string): Promise<void> {
  const aside = join(dist, `.${name}.${process.pid}`);
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const argv = [vite, 'build', '--outDir', aside, '--emptyOutDir', '--logLevel', 'error'];
  const child = spawn(process.execPath, argv, { cwd: dashboard, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.on('close', resolve));
  try {
    if (code !== 0) throw new Error(said);
    for (const file of readdirSync(aside, { recursive: true, encoding: 'utf8' })) pack(join(aside, file));
    if (!existsSync(join(dist, name))) renameSync(aside, join(dist, name));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function pack(file: string): void {
  if (!packed.has(extname(file))) return;
  const bytes = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

/** A link is replaced at once: nobody sees a folder without its files. */
function point(name: string): void {
  const link = join(dist, `.current.${process.pid}`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, join(dist, 'current'));
}

function tidy(name: string): void {
  const others = readdirSync(dist).filter((each) => /^[0-9a-f]{16}$/.test(each) && each !== name);
  for (const each of others.slice(kept)) rmSync(join(dist, each), { recursive: true, force: true });
}

const name = digest();
const built = existsSync(join(dist, name, 'index.html'));
if (!built) {
  const began = performance.now();
  process.stderr.write('towpath: building the dashboard; this happens once per version … ');
  mkdirSync(dist, { recursive: true });
  try {
    await build(name);
  } catch (error) {
    process.stderr.write(`failed\n${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
if (!existsSync(join(dist, 'current', 'index.html')) || readlinkSync(join(dist, 'current')) !== name) point(name);
if (!built) tidy(name);
