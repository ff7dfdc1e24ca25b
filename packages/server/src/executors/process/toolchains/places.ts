/** Where toolchains are kept on a machine, as tables: by version managers, and by the system. */
import { join } from 'node:path';

/** A folder with a folder for each version. */
export interface Shelf {
  /** Absolute. */
  readonly folder: string;
  /** For people: `~/.nvm`. */
  readonly place: string;
  /** Which of its entries are versions; the group is the version. Without a group the toolchain itself is asked. */
  readonly entry: RegExp;
  /** From an entry to its programs. */
  readonly bin: string;
}

/** A folder with programs right away: which of them are toolchains. */
export interface Spot {
  readonly folder: string;
  readonly place: string;
  readonly program: RegExp;
}

type Env = Readonly<Record<string, string>>;

/** Below the home folder, or (`data/…`) below the one for data of the XDG specification. */
interface HomeShelf {
  readonly root: string;
  /** The variable that says where the root is, where it is not there. */
  readonly variable?: string;
  readonly inside: string;
  readonly entry: RegExp;
  readonly bin: string;
}

const exact = /^v?(\d+\.\d+\.\d+)$/;
const goVersion = /^(?:go)?(\d+\.\d+(?:\.\d+)?)$/;
/** Vendors put their name before the number: what it is stands in a file of its own. */
const anyJava = /^[\w.+-]+$/;

/** asdf and mise keep all languages alike; only the names differ, and asdf's folder of Go. */
const plugins = [
  { name: 'node', asdf: 'nodejs', entry: exact },
  { name: 'python', asdf: 'python', entry: exact },
  { name: 'go', asdf: 'golang', entry: goVersion },
  { name: 'rust', asdf: 'rust', entry: exact },
  { name: 'java', asdf: 'java', entry: anyJava },
  { name: 'ruby', asdf: 'ruby', entry: exact },
  { name: 'php', asdf: 'php', entry: exact },
  { name: 'bun', asdf: 'bun', entry: exact },
] as const;

const homeShelves: Readonly<Record<string, readonly HomeShelf[]>> = {
  node: [
    { root: '.nvm', variable: 'NVM_DIR', inside: 'versions/node', entry: exact, bin: 'bin' },
    { root: 'data/fnm', inside: 'node-versions', entry: exact, bin: 'installation/bin' },
    { root: '.fnm', inside: 'node-versions', entry: exact, bin: 'installation/bin' },
    { root: '.volta', inside: 'tools/image/node', entry: exact, bin: 'bin' },
    { root: '.nodenv', inside: 'versions', entry: exact, bin: 'bin' },
  ],
  python: [
    { root: '.pyenv', variable: 'PYENV_ROOT', inside: 'versions', entry: exact, bin: 'bin' },
    { root: 'data/uv', inside: 'python', entry: /^cpython-(\d+\.\d+\.\d+)-[\w.-]+$/, bin: 'bin' },
  ],
  go: [{ root: 'sdk', inside: '.', entry: goVersion, bin: 'bin' }],
  rust: [
    {
      root: '.rustup',
      variable: 'RUSTUP_HOME',
      inside: 'toolchains',
      entry: /^(?:(\d+\.\d+\.\d+)|stable|beta|nightly)(?:-[\w-]+)?$/,
      bin: 'bin',
    },
  ],
  java: [
    { root: '.sdkman', inside: 'candidates/java', entry: anyJava, bin: 'bin' },
    { root: '.jdks', inside: '.', entry: anyJava, bin: 'bin' },
  ],
  ruby: [{ root: '.rbenv', variable: 'RBENV_ROOT', inside: 'versions', entry: exact, bin: 'bin' }],
};

const systemShelves: Readonly<Record<string, readonly Omit<Shelf, 'place'>[]>> = {
  go: [{ folder: '/usr/lib', entry: /^go-\d+\.\d+$/, bin: 'bin' }],
  java: [{ folder: '/usr/lib/jvm', entry: anyJava, bin: 'bin' }],
};

/** A folder that begins with `~` is below the home folder. */
const spots: Readonly<Record<string, readonly { readonly folder: string; readonly program: RegExp }[]>> = {
  python: ['/usr/bin', '/usr/local/bin'].map((folder) => ({ folder, program: /^python3\.\d{1,2}$/ })),
  php: [{ folder: '/usr/bin', program: /^php\d\.\d{1,2}$/ }],
  go: [{ folder: '/usr/local/go/bin', program: /^go$/ }],
  bun: [{ folder: '~/.bun/bin', program: /^bun$/ }],
};

/** They hang on the environment that the server was given, and on nothing else. */
export function shelvesOf(name: string, env: Env): Shelf[] {
  const system = own(systemShelves, name).map((shelf) => ({ ...shelf, place: shelf.folder }));
  const home = homeOf(env);
  if (home === null) return system;
  const managed = plugins.flatMap((each): HomeShelf[] => {
    if (each.name !== name) return [];
    const inAsdf = each.name === 'go' ? 'go/bin' : 'bin';
    return [
      { root: '.asdf', inside: `installs/${each.asdf}`, entry: each.entry, bin: inAsdf },
      { root: 'data/mise', inside: `installs/${each.name}`, entry: each.entry, bin: 'bin' },
    ];
  });
  const shelves = [...own(homeShelves, name), ...managed].map(({ root, variable, inside, entry, bin }): Shelf => {
    const top = absolute(variable === undefined ? undefined : env[variable]) ?? rootOf(root, home, env);
    return { folder: join(top, inside), place: tilde(top, home), entry, bin };
  });
  return [...shelves, ...system];
}

export function spotsOf(name: string, env: Env): Spot[] {
  const home = homeOf(env);
  return own(spots, name).flatMap(({ folder, program }) => {
    if (!folder.startsWith('~/')) return [{ folder, place: folder, program }];
    return home === null ? [] : [{ folder: join(home, folder.slice(2)), place: folder, program }];
  });
}

/** A path for people: below the home folder it begins with `~`. */
export function tilde(path: string, home: string | null): string {
  return home !== null && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

export const homeOf = (env: Env): string | null => absolute(env.HOME);

/** Also says no to `/`, the home of users who have none. */
const absolute = (path: string | undefined): string | null =>
  path?.startsWith('/') === true && path !== '/' ? path.replace(/\/+$/, '') : null;

function rootOf(root: string, home: string, env: Env): string {
  if (!root.startsWith('data/')) return join(home, root);
  return join(absolute(env.XDG_DATA_HOME) ?? join(home, '.local/share'), root.slice('data/'.length));
}

const own = <T>(table: Readonly<Record<string, readonly T[]>>, name: string): readonly T[] =>
  Object.hasOwn(table, name) ? (table[name] ?? []) : [];
