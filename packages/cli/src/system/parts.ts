import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a part of the system is started from. */
export interface Part {
  /** The module that Node runs. */
  readonly entry: string;
  /** Folders whose files decide what it does. */
  readonly code: readonly string[];
  /** Single files that do: manifests and lockfiles. Those that are missing don't count. */
  readonly manifests: readonly string[];
}

export interface Parts {
  readonly server: Part;
  readonly router: Part;
  readonly supervisor: Part;
  /** The node_modules that Towpath was installed with; folders in it must not be on a service's PATH. */
  readonly modules: string;
}

/** Finds the parts as Node finds any dependency, so that a clone and an installed package work alike. */
export function findParts(): Parts {
  const server = fileURLToPath(import.meta.resolve('@towpath/server/main'));
  const router = fileURLToPath(import.meta.resolve('@towpath/router/main'));
  const supervisor = fileURLToPath(import.meta.resolve('@towpath/supervisor/main'));
  const page = fileURLToPath(import.meta.resolve('@towpath/dashboard/main'));
  const contract = dirname(fileURLToPath(import.meta.resolve('@towpath/contract')));
  const part = (entry: string, ...manifests: string[]): Part => ({
    entry,
    code: [dirname(entry), contract],
    manifests: [join(dirname(entry), '..', 'package.json'), ...manifests],
  });
  // In a clone the lockfile says which libraries the server has; router and supervisor need none that could change what they do.
  const lockfile = join(dirname(server), '..', '..', '..', 'package-lock.json');
  return {
    // The page names its files by their digests, so it stands for all of them.
    server: part(server, lockfile, page),
    router: part(router),
    supervisor: part(supervisor),
    modules: modulesAbove(contract),
  };
}

/** Stands for the code of a part, its libraries and the Node that runs it: another one means that the running part is an older one. */
export function fingerprint(part: Part): string {
  const hash = createHash('sha256').update(process.version);
  for (const folder of part.code) {
    for (const path of codeFiles(folder))
      hash
        .update(path)
        .update('\0')
        .update(readFileSync(join(folder, path)))
        .update('\0');
  }
  for (const path of part.manifests) if (existsSync(path)) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();
}

function modulesAbove(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const modules = at.endsWith('/node_modules') ? at : join(at, 'node_modules');
    if (existsSync(join(modules, '@towpath'))) return modules;
    if (at === dirname(at)) return join(folder, 'node_modules');
  }
}
