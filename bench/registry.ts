import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Scope } from './bench.ts';
import { serve } from './serve.ts';

const Manifest = z.object({ name: z.string(), version: z.string(), bin: z.unknown().optional() });

/** Programs of many megabytes would hide what the many small files cost. */
const largestBytes = 8 * 1024 * 1024;

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly hasBin: boolean;
  readonly tarball: Buffer;
}

export interface LocalRegistry {
  /** How many packages. */
  readonly packages: number;
  /** Its address, without a slash. */
  readonly url: string;
  /** A package.json and lock files that ask for all of them; another number gives other ones. */
  readonly files: (number: number) => Readonly<Record<'package.json' | 'package-lock.json' | 'pnpm-lock.yaml', string>>;
}

/** A registry on this machine with the packages that are installed in `modules`: no network makes a first install slow. */
export async function localRegistry(scope: Scope, modules: string): Promise<LocalRegistry> {
  const packages: Packed[] = [];
  for (const folder of packageFolders(modules)) {
    const { name, version, bin } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    packages.push({ name, version, hasBin: bin !== undefined, tarball: await packed(folder) });
  }
  const byPath = new Map(packages.map((each) => [pathOf(each), each.tarball]));
  const url = await serve(scope, byPath);

  const dependencies = Object.fromEntries(packages.map((each) => [each.name, each.version]));
  const locked = packages.map((each) => [
    `node_modules/${each.name}`,
    { version: each.version, resolved: url + pathOf(each), integrity: integrityOf(each.tarball) },
  ]);
  const files = (number: number) => {
    const root = { name: 'app', version: `1.0.${number}`, dependencies };
    const entries = { '': root, ...Object.fromEntries(locked) };
    return {
      'package.json': JSON.stringify(root, null, 2),
      'package-lock.json': JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages: entries }, null, 2),
      'pnpm-lock.yaml': `# ${number}\n${pnpmLock(packages)}`,
    };
  };
  return { packages: packages.length, url, files };
}

/** Where registries have it: pnpm 11 takes it from nowhere else. */
const pathOf = ({ name, version }: Packed) => `/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;

const integrityOf = (tarball: Buffer): string => `sha512-${createHash('sha512').update(tarball).digest('base64')}`;

/** In the form of 9 and later: https://github.com/pnpm/spec/blob/master/lockfile/9.0.md; JSON is YAML, too. */
function pnpmLock(packages: readonly Packed[]): string {
  const each = <T>(entry: (one: Packed) => [string, T]) => Object.fromEntries(packages.map(entry));
  const idOf = ({ name, version }: Packed) => `${name}@${version}`;
  const dependencies = each(({ name, version }) => [name, { specifier: version, version }]);
  const resolved = each((one) => {
    const resolution = { integrity: integrityOf(one.tarball) };
    return [idOf(one), { resolution, ...(one.hasBin && { hasBin: true }) }];
  });
  const parts = {
    lockfileVersion: '9.0',
    settings: { autoInstallPeers: true, excludeLinksFromLockfile: false },
    importers: { '.': { dependencies } },
    packages: resolved,
    snapshots: each((one) => [idOf(one), {}]),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('\n');
}

function packageFolders(modules: string): string[] {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const all = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => join(name, each)) : [name],
  );
  return all
    .map((name) => join(modules, name))
    .filter((folder) => lstatSync(folder).isDirectory() && bytesOf(folder) <= largestBytes);
}

function bytesOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, each) => sum + (each.isFile() ? lstatSync(join(each.parentPath, each.name)).size : 0), 0);
}

async function packed(folder: string): Promise<Buffer> {
  const tar = spawn('tar', ['-czf', '-', '--transform', 's,^\\.,package,', '--exclude', './node_modules', '.'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [bytes, error, [code]] = await Promise.all([buffer(tar.stdout), text(tar.stderr), once(tar, 'close')]);
  if (code !== 0) throw new Error(`${folder} could not be packed: ${error}`);
  return bytes;
}
