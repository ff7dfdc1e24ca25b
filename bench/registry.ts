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
  /**
   * Manifests and lock files that ask for all of them; another number gives other ones. With members, a workspace of so many packages that
   * share them, each of which needs the next.
   */
  readonly files: (number: number, members?: number) => LockedFiles;
}

export interface LockedFiles {
  readonly manifests: Readonly<Record<string, string>>;
  readonly locks: Readonly<Record<Lock, string>>;
  /** Folders, as npm and pnpm both take them; none: no workspace. */
  readonly workspaces: readonly string[];
}
export type Lock = 'package-lock.json' | 'pnpm-lock.yaml';

interface Member {
  readonly name: string;
  readonly folder: string;
  readonly own: readonly Packed[];
  readonly next: Member | null;
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

  const files = (number: number, members = 0): LockedFiles => {
    const all = membersOf(packages, members);
    const root = {
      ...{ name: 'app', version: `1.0.${number}`, private: true },
      ...(members === 0 ? { dependencies: versionsOf(packages) } : { workspaces: ['packages/*'] }),
    };
    const manifests = all.map(({ name, own, next }) => ({
      ...{ name, version: '1.0.0' },
      dependencies: { ...versionsOf(own), ...(next !== null && { [next.name]: '1.0.0' }) },
    }));
    const inNpm = {
      '': root,
      ...Object.fromEntries(all.map(({ folder }, at) => [folder, manifests[at]])),
      ...Object.fromEntries(all.map(({ name, folder }) => [`node_modules/${name}`, { resolved: folder, link: true }])),
      ...Object.fromEntries(
        packages.map((each) => [
          `node_modules/${each.name}`,
          { version: each.version, resolved: url + pathOf(each), integrity: integrityOf(each.tarball) },
        ]),
      ),
    };
    return {
      manifests: {
        'package.json': JSON.stringify(root, null, 2),
        ...Object.fromEntries(all.map(({ folder }, at) => [`${folder}/package.json`, JSON.stringify(manifests[at])])),
      },
      locks: {
        'package-lock.json': JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages: inNpm }, null, 2),
        'pnpm-lock.yaml': `# ${number}\n${pnpmLock(packages, all)}`,
      },
      workspaces: members === 0 ? [] : ['packages/*'],
    };
  };
  return { packages: packages.length, url, files };
}

/** All packages dealt out to so many members of a workspace. */
function membersOf(packages: readonly Packed[], count: number): Member[] {
  let next: Member | null = null;
  const members: Member[] = [];
  for (let at = count - 1; at >= 0; at--) {
    next = {
      ...{ name: `@bench/m${at}`, folder: `packages/m${at}`, next },
      own: packages.filter((_, index) => index % count === at),
    };
    members.unshift(next);
  }
  return members;
}

const versionsOf = (packages: readonly Packed[]): Record<string, string> =>
  Object.fromEntries(packages.map(({ name, version }) => [name, version]));

/** Where registries have it: pnpm 11 takes it from nowhere else. */
const pathOf = ({ name, version }: Packed) => `/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;

const integrityOf = (tarball: Buffer): string => `sha512-${createHash('sha512').update(tarball).digest('base64')}`;

/** In the form of 9 and later: https://github.com/pnpm/spec/blob/master/lockfile/9.0.md; JSON is YAML, too. */
function pnpmLock(packages: readonly Packed[], members: readonly Member[]): string {
  const each = <T>(some: readonly Packed[], entry: (one: Packed) => [string, T]) => Object.fromEntries(some.map(entry));
  const idOf = ({ name, version }: Packed) => `${name}@${version}`;
  const needs = (own: readonly Packed[], next: Member | null) =>
    JSON.stringify({
      ...each(own, ({ name, version }) => [name, { specifier: version, version }]),
      ...(next !== null && {
        [next.name]: { specifier: '1.0.0', version: `link:../${next.folder.split('/').at(-1)}` },
      }),
    });
  const resolved = each(packages, (one) => {
    const resolution = { integrity: integrityOf(one.tarball) };
    return [idOf(one), { resolution, ...(one.hasBin && { hasBin: true }) }];
  });
  // As pnpm itself lays them out.
  const importers =
    members.length === 0
      ? [`  .:\n    dependencies: ${needs(packages, null)}\n`]
      : [
          '  .: {}\n',
          ...members.map(({ folder, own, next }) => `  ${folder}:\n    dependencies: ${needs(own, next)}\n`),
        ];
  const parts = {
    lockfileVersion: "'9.0'",
    settings: JSON.stringify({ autoInstallPeers: true, excludeLinksFromLockfile: false }),
    importers: `\n\n${importers.join('\n')}`,
    packages: JSON.stringify(resolved),
    snapshots: JSON.stringify(each(packages, (one) => [idOf(one), {}])),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}: ${value}\n`)
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
