import type { Kind } from './kind.ts';
import { noLinks, npmLinks, pnpmLinks } from './links.ts';
import { type Installer, readNode } from './node-recipe.ts';
import { alone, byManifest, byPlainManifest, byPnpmFile } from './spans.ts';

const local = /@(?:(?:file|link|portal|workspace|patch):|~?\/|\.{1,2}\/)/;
const localWhy = 'names folders or files of the repository';
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
    span: byManifest,
    links: npmLinks,
    unfit: [['.npmrc', /^[ \t]*install-links\b/m, 'sets install-links']],
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
    span: byPlainManifest,
    links: noLinks,
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
    span: alone,
    links: noLinks,
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
    ruledBy: 'pnpm-workspace.yaml',
    span: byPnpmFile,
    links: pnpmLinks,
    unfit: [
      ['pnpm-workspace.yaml', elsewhere, elsewhereWhy],
      ['.npmrc', elsewhere, elsewhereWhy],
      ['.pnpmfile.cjs', /^/, 'changes what pnpm installs'],
      ['.pnpmfile.mjs', /^/, 'changes what pnpm installs'],
      ['package.json', /"pnpm:devPreinstall"/, 'has a script that pnpm runs before it installs'],
      ['pnpm-lock.yaml', /^patchedDependencies:/m, 'names patches of the repository'],
      ['pnpm-lock.yaml', /(?:^|[ '"@(])(?:file|portal):(?=[^ \n])/m, localWhy],
    ],
  },
];

export const nodeKinds: readonly Kind[] = installers.map((installer) => ({
  command: installer.command,
  read: (_text, _command, site) => readNode(installer, site),
  ...(installer.ruledBy !== undefined && { ruledBy: installer.ruledBy }),
}));
