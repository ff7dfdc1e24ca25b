import { z } from 'zod';
import type { Kind, NoRecipe, Program, ReadText, Recipe } from './kind.ts';

/** A package manager that makes a node_modules without a path in it, or only where it can be written anew. */
interface Installer {
  /** As it is called, for people. */
  readonly name: string;
  readonly command: RegExp;
  /** It itself prefers the first. */
  readonly locks: readonly string[];
  /** Its own files of settings. */
  readonly settings: readonly string[];
  /** Whose version counts beside Node's. */
  readonly program: Program | null;
  readonly last: string | null;
  /** See Recipe. */
  readonly holders: RegExp | null;
  /** Fields of package.json that it looks at beside those that all do. */
  readonly fields: readonly string[];
  readonly above?: Kind['above'];
  /** What in which file makes it unfit. */
  readonly unfit: readonly (readonly [file: string, found: RegExp, refused: string])[];
}

const local = /@(?:(?:file|link|portal|workspace|patch):|~?\/|\.{1,2}\/)/;
const localWhy = 'names folders or files of the repository';
const workspace = 'declares a workspace, whose packages get a node_modules each; what pnpm downloaded for them is kept';
/** Under its names in .npmrc and in pnpm-workspace.yaml. */
const elsewhere =
  /modules-?dir\b|virtual-?store-?dir\b(?!-)|lockfile-?dir\b|global-?virtual-?store\b|pnpmfile\b|node-?linker["']?[ \t]*[:=][ \t]*["']?pnp\b/i;
const elsewhereWhy = 'leads pnpm to other places, or to code of the repository';

const installers: readonly Installer[] = [
  {
    name: 'npm ci',
    command:
      /^npm ci(?: --(?:omit=(?:dev|optional|peer)|ignore-scripts|no-audit|no-fund|prefer-offline|legacy-peer-deps))*$/,
    locks: ['npm-shrinkwrap.json', 'package-lock.json'],
    settings: [],
    program: null,
    last: '.package-lock.json',
    holders: null,
    fields: [],
    unfit: [
      ['npm-shrinkwrap.json', /"link":\s*true/, 'links to folders of the repository'],
      ['package-lock.json', /"link":\s*true/, 'links to folders of the repository'],
      ['.npmrc', /^[ \t]*install-links\b/m, 'sets install-links'],
    ],
  },
  {
    name: 'yarn install',
    command:
      /^yarn install --frozen-lockfile(?: --(?:production|ignore-scripts|ignore-engines|ignore-optional|non-interactive|prefer-offline))*$/,
    locks: ['yarn.lock'],
    settings: ['.yarnrc', '.yarnrc.yml'],
    program: 'yarn',
    last: '.yarn-integrity',
    holders: null,
    fields: [],
    unfit: [
      ['yarn.lock', /^__metadata:/m, 'is of Yarn 2 or later, which keeps what it knows outside of node_modules'],
      ['.yarnrc.yml', /^/, 'is of Yarn 2 or later, which keeps what it knows outside of node_modules'],
      ['.yarnrc', /\b(?:modules-folder|yarn-path)\b/, 'sets modules-folder or yarn-path'],
      ['yarn.lock', local, localWhy],
    ],
  },
  {
    name: 'bun install',
    command: /^bun install --frozen-lockfile(?: --(?:production|ignore-scripts))*$/,
    // Not bun.lockb: it is no text.
    locks: ['bun.lock'],
    settings: ['bunfig.toml'],
    program: 'bun',
    last: null,
    holders: null,
    fields: [],
    unfit: [
      ['bun.lock', local, localWhy],
      ['bun.lock', /"patchedDependencies":/, 'names patches of the repository'],
    ],
  },
  {
    name: 'pnpm install',
    command:
      /^pnpm (?:install|i) --frozen-lockfile(?: (?:-P|--(?:prod|no-optional|ignore-scripts|prefer-offline|reporter=[a-z-]+)))*$/,
    locks: ['pnpm-lock.yaml'],
    settings: ['pnpm-workspace.yaml'],
    program: 'pnpm',
    last: '.modules.yaml',
    // Its state, by which 11 sees whether all is installed, and the programs, which name folders to look for packages in.
    holders: /^\.(?:modules\.yaml|pnpm-workspace-state[\w-]*\.json)$|(?:^|\/)\.bin\/[^/]+$/,
    // Its state holds the package's name and version, and a digest of its programs.
    fields: ['pnpm', 'name', 'version', 'bin'],
    above: { name: 'pnpm-workspace.yaml', refused: workspace },
    unfit: [
      ['pnpm-workspace.yaml', /\bpackages["']?[ \t]*:/, workspace],
      ['pnpm-workspace.yaml', elsewhere, elsewhereWhy],
      ['.npmrc', elsewhere, elsewhereWhy],
      ['.pnpmfile.cjs', /^/, 'changes what pnpm installs'],
      ['.pnpmfile.mjs', /^/, 'changes what pnpm installs'],
      ['package.json', /"pnpm:devPreinstall"/, 'has a script that pnpm runs before it installs'],
      ['pnpm-lock.yaml', /^patchedDependencies:/m, 'names patches of the repository'],
      ['pnpm-lock.yaml', /(?:^|[ '"@(])(?:link|file|workspace|portal):(?=[^ \n])/m, localWhy],
    ],
  },
];

const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) }).loose();

/** They run these of the package itself, after the dependencies' own; see "npm ci" in npm's "Life Cycle Operation Order". */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

/** Scripts that only set git hooks: a checkout that is built and thrown away does without. */
const setsHooks =
  /^(?:is-ci \|\| |npx )?(?:husky(?: install)?|lefthook install|simple-git-hooks)(?: \|\| (?:true|exit 0))?$/;

/** Fields of package.json that they look at. */
const fields = [
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'],
  ...['bundleDependencies', 'bundledDependencies', 'overrides', 'engines', 'os', 'cpu', 'libc', 'devEngines', 'volta'],
  ...['packageManager', 'resolutions', 'dependenciesMeta', 'trustedDependencies'],
];

/** Files that choose a toolchain or change what an install does. */
const settings = ['.npmrc', '.nvmrc', '.node-version', '.tool-versions'];

/** Packages that put a program outside of node_modules when they are installed, as lock files name them. */
const outside = /(?:"node_modules\/|^(?:"| {2}\/?)?|\[")(cypress|playwright-(?:chromium|firefox|webkit))["@]/m;

export const nodeKinds: readonly Kind[] = installers.map((installer) => ({
  command: installer.command,
  files: () => [
    ...new Set([
      ...[...installer.locks, ...settings, ...installer.settings, 'package.json', 'binding.gyp'],
      ...installer.unfit.map(([file]) => file),
    ]),
  ],
  ...(installer.above && { above: installer.above }),
  read: (text) => readNode(installer, text),
}));

function readNode(installer: Installer, text: ReadText): Recipe | NoRecipe | null {
  const { name, program, last, holders } = installer;
  const found = installer.locks.flatMap((lock) => {
    const content = text(lock);
    return content === null ? [] : [{ name: lock, content }];
  });
  const [lock] = found;
  const manifest = Manifest.safeParse(json(text('package.json')));
  if (lock === undefined || !manifest.success) return null;
  const { data } = manifest;
  const script = lifecycle.find((each) => {
    const line = Object.hasOwn(data.scripts, each) ? (data.scripts[each]?.trim() ?? '') : '';
    return line !== '' && !setsHooks.test(line);
  });
  if (script !== undefined) return { refused: `${name} also runs the script "${script}" of package.json` };
  if (text('binding.gyp') !== null) return { refused: `${name} also builds binding.gyp` };
  if (data.workspaces !== undefined) return { refused: 'package.json has workspaces' };
  const unfit = installer.unfit.find(([file, what]) => {
    const content = text(file);
    return content !== null && what.test(content);
  });
  if (unfit !== undefined) return { refused: `${unfit[0]} ${unfit[2]}` };
  const apart = found.flatMap((each) => outside.exec(each.content)?.[1] ?? []);
  if (apart.length > 0) return { refused: `${apart[0]} puts a program outside of node_modules` };
  const own = [...settings, ...installer.settings];
  return {
    folder: 'node_modules',
    lockfile: lock.name,
    programs: program === null ? ['node'] : ['node', program],
    last,
    holders,
    linksOut: false,
    only: null,
    inputs: [
      ...found.flatMap((each) => [each.name, each.content]),
      ...[...fields, ...installer.fields].map((each) => JSON.stringify([each, data[each] ?? null])),
      ...own.map((each) => JSON.stringify([each, text(each)])),
    ],
  };
}

function json(text: string | null): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\ufeff/, ''));
  } catch {
    return null; // the install command says what is wrong with it
  }
}
