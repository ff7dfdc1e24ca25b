import { z } from 'zod';
import { type FileView, glance, join, wayUp } from '../files.ts';
import { type Found, listed, type Notice, type Place, type Tool, word } from '../found.ts';
import { evidence, readYaml } from '../parse.ts';
import { workspaceAround, workspacesOf } from '../workspaces.ts';
import { type NodePackage, readNodePackage } from './package.ts';

/** A package manager, as the commit at hand uses it. */
export interface Manager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly tool: Tool | null;
  readonly install: Found | null;
  readonly lockfile: string | null;
  /** Where its node_modules lie, from the top of the repository: the folder that declares the workspace, or the service's own. */
  readonly root: string;
  /** Members of the workspace, from the top of the repository. */
  readonly members: readonly string[];
  readonly notices: readonly Notice[];
  /** The command for a script, and for a program of a dependency. */
  script(name: string): string;
  program(commandLine: string): string;
  /** What runs a file: `node`, Bun, or Yarn where there is no node_modules. */
  readonly node: string;
  /** Yarn's Plug'n'Play: there is no node_modules. */
  readonly plug: boolean;
}

interface Kind {
  readonly lockfiles: readonly string[];
  readonly locked: string;
  readonly unlocked: string;
  readonly script: (name: string) => string;
  readonly program: string;
}

const shortScripts = ['test', 'start'];

/** In the order in which their lock files count when several are there. */
const kinds: Readonly<Record<Manager['name'], Kind>> = {
  pnpm: {
    lockfiles: ['pnpm-lock.yaml'],
    locked: 'pnpm install --frozen-lockfile',
    unlocked: 'pnpm install',
    script: (name) => (shortScripts.includes(name) ? `pnpm ${name}` : `pnpm run ${word(name)}`),
    program: 'pnpm exec',
  },
  bun: {
    lockfiles: ['bun.lock', 'bun.lockb'],
    locked: 'bun install --frozen-lockfile',
    unlocked: 'bun install',
    // `bun test` would be Bun's own test runner.
    script: (name) => `bun run ${word(name)}`,
    program: 'bunx',
  },
  yarn: {
    lockfiles: ['yarn.lock'],
    locked: 'yarn install --frozen-lockfile',
    unlocked: 'yarn install',
    script: (name) => `yarn run ${word(name)}`,
    program: 'yarn run',
  },
  npm: {
    lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'],
    locked: 'npm ci',
    unlocked: 'npm install',
    script: (name) => (shortScripts.includes(name) ? `npm ${name}` : `npm run ${word(name)}`),
    program: 'npx',
  },
};
const names = ['pnpm', 'bun', 'yarn', 'npm'] as const;

/** pnpm's versions by the version of their lock file: https://github.com/pnpm/spec/tree/master/lockfile */
const pnpmByLockfile: Readonly<Record<string, string>> = { '5.3': '6', '5.4': '7', '6.0': '8', '9.0': '>=9' };

/** Which package manager the service is installed by, and how. */
export function managerOf(place: Place, own: NodePackage): Manager {
  const { repository } = place;
  const around = workspaceAround(repository, place.folder, ['pnpm', 'npm']);
  const root = around?.folder ?? place.folder;
  const top = around === null ? own : (readNodePackage(repository, root) ?? own);
  const inside = (name: string) => repository.exists(join(root, name));
  const locks = names.flatMap((name) => kinds[name].lockfiles.filter(inside).map((lockfile) => ({ name, lockfile })));
  const stated =
    statedBy(top) ?? (inside('pnpm-workspace.yaml') ? { name: 'pnpm', origin: 'pnpm-workspace.yaml' } : null);
  const name = names.find((each) => each === stated?.name) ?? locks[0]?.name ?? 'npm';
  const lockfile = locks.find((lock) => lock.name === name)?.lockfile ?? null;
  const kind = kinds[name];
  const yarn = name === 'yarn' ? yarnOf(repository, root, top, lockfile) : null;
  const path = yarn?.path == null ? null : word(join(wayUp(place.folder, root), yarn.path));
  const fitted = (command: string) => (path === null ? command : command.replace(/^yarn/, `node ${path}`));
  const plug = yarn?.berry === true && yarn.plug;
  const commands = yarn?.berry === true ? berry : kind;
  const install = fitted(lockfile === null ? commands.unlocked : commands.locked);
  const members = around?.members ?? membersOf(place);
  const installs = own.installs || members.length > 0;
  const tool = path === null ? toolOf(repository, name, top, root, lockfile, stated?.origin ?? null) : null;
  return {
    name,
    tool: tool === null ? null : { ...tool, origin: at(root, place, tool.origin) },
    install: installs
      ? {
          value: plug ? `YARN_ENABLE_GLOBAL_CACHE=false ${install}` : install,
          origin: at(root, place, lockfile ?? `package.json, without a ${kind.lockfiles[0]}`),
        }
      : null,
    lockfile: lockfile === null ? null : join(root, lockfile),
    root,
    members,
    notices: noticesOf(locks, name, lockfile, installs, stated?.origin ?? null),
    script: (script) => fitted(kind.script(script)),
    program: (line) => fitted(`${kind.program} ${line}`),
    plug,
    node: plug ? fitted('yarn node') : name === 'bun' ? 'bun' : 'node',
  };
}

const berry = { locked: 'yarn install --immutable', unlocked: 'yarn install --no-immutable' };

function membersOf({ repository, folder }: Place): readonly string[] {
  return workspacesOf(repository, folder).find((each) => each.kind === 'pnpm' || each.kind === 'npm')?.members ?? [];
}

/** Evidence of a file that lies further up says so. */
function at(root: string, place: Place, origin: string): string {
  return root === place.folder ? origin : `${origin} of ${root === '.' ? 'the top folder' : root}`;
}

function statedBy(top: NodePackage): { name: string; origin: string } | null {
  if (top.manager !== null) return { name: top.manager.name, origin: 'package.json, "packageManager"' };
  for (const table of ['volta', 'engines'] as const) {
    const name = names.find((each) => each !== 'npm' && top.wants(table, each) !== null);
    if (name !== undefined) return { name, origin: `package.json, "${table}"` };
  }
  return null;
}

const YarnRc = z.object({ yarnPath: z.string().optional(), nodeLinker: z.string().optional() });

/** Yarn 2 and later ("berry"); its own file where the repository brings it along. */
function yarnOf(files: FileView, root: string, top: NodePackage, lockfile: string | null) {
  const rc = evidence(readYaml, files, join(root, '.yarnrc.yml'), YarnRc);
  const path = rc?.yarnPath?.replace(/^\.\//, '');
  const lock = lockfile === null ? null : glance(files, join(root, lockfile));
  const major = top.manager?.name === 'yarn' ? Number.parseInt(top.manager.version, 10) : null;
  return {
    /** Plug'n'Play, its default: there is no node_modules, and Node must be started by Yarn. */
    plug: (rc?.nodeLinker ?? 'pnp') === 'pnp',
    berry: major === null ? rc !== null || /^__metadata:/m.test(lock?.slice(0, 1_000) ?? '') : major >= 2,
    path: path !== undefined && files.exists(join(root, path)) ? path : null,
  };
}

function toolOf(
  files: FileView,
  name: Manager['name'],
  top: NodePackage,
  root: string,
  lockfile: string | null,
  stated: string | null,
): Tool {
  if (top.manager?.name === name)
    return { name, wanted: top.manager.version, origin: 'package.json, "packageManager"' };
  for (const table of ['volta', 'engines'] as const) {
    const wanted = top.wants(table, name);
    if (wanted !== null) return { name, wanted, origin: `package.json, "${table}.${name}"` };
  }
  const origin = lockfile ?? stated ?? 'package.json';
  if (name !== 'pnpm' || lockfile === null) return { name, wanted: null, origin };
  const version = /^lockfileVersion: ['"]?(\d+\.\d+)/.exec(glance(files, join(root, lockfile)) ?? '')?.[1] ?? '';
  return { name, wanted: Object.hasOwn(pnpmByLockfile, version) ? (pnpmByLockfile[version] ?? null) : null, origin };
}

function noticesOf(
  locks: readonly { name: string; lockfile: string }[],
  name: Manager['name'],
  lockfile: string | null,
  installs: boolean,
  stated: string | null,
): Notice[] {
  const others = locks.filter((lock) => lock.name !== name);
  if (others.length > 0) {
    const files = listed(others.map((lock) => lock.lockfile));
    return [
      {
        text: `${files}: not used, for ${name} installs the dependencies (${lockfile ?? stated ?? 'package.json'})`,
        origin: files,
        help: `Remove ${files}, or name the package manager in package.json: "packageManager".`,
      },
    ];
  }
  if (lockfile !== null || !installs) return [];
  const command = { npm: 'npm install', pnpm: 'pnpm install', yarn: 'yarn install', bun: 'bun install' }[name];
  return [
    {
      text: 'There is no lock file: each run may install other versions, and nothing is kept from run to run',
      origin: 'package.json',
      help: `Commit what \`${command}\` writes: ${kinds[name].lockfiles[0]}.`,
    },
  ];
}
