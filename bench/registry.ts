import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Scope } from './bench.ts';
import { serve } from './serve.ts';

const Manifest = z.object({ name: z.string(), version: z.string() });

/** Programs of many megabytes would hide what the many small files cost. */
const largestBytes = 8 * 1024 * 1024;

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
}

export interface LocalRegistry {
  /** How many packages. */
  readonly packages: number;
  /** A package.json and a package-lock.json that ask for all of them; another number gives another lock file. */
  readonly files: (number: number) => Readonly<Record<'package.json' | 'package-lock.json', string>>;
}

/** A registry on this machine with the packages that are installed in `modules`: no network makes a first install slow. */
export async function localRegistry(scope: Scope, modules: string): Promise<LocalRegistry> {
  const packages: Packed[] = [];
  for (const folder of packageFolders(modules)) {
    const { name, version } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    packages.push({ name, version, tarball: await packed(folder) });
  }
  const byPath = new Map(packages.map((each) => [`/${each.name}.tgz`, each.tarball]));
  const url = await serve(scope, byPath);

  const dependencies = Object.fromEntries(packages.map((each) => [each.name, each.version]));
  const locked = packages.map(({ name, version, tarball }) => [
    `node_modules/${name}`,
    {
      version,
      resolved: `${url}/${name}.tgz`,
      integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    },
  ]);
  const files = (number: number) => {
    const root = { name: 'app', version: `1.0.${number}`, dependencies };
    const entries = { '': root, ...Object.fromEntries(locked) };
    return {
      'package.json': JSON.stringify(root, null, 2),
      'package-lock.json': JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages: entries }, null, 2),
    };
  };
  return { packages: packages.length, files };
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
