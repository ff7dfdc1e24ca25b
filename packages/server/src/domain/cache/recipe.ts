import { z } from 'zod';

/** The text of a file at the top of the service's folder; null when there is none. */
export type ReadText = (name: string) => string | null;

/** What an install command makes out of what. */
export interface Recipe {
  /** Relative to the service's folder. */
  readonly folder: string;
  /** Which file says what is installed, for people. */
  readonly lockfile: string;
  /** Everything in the commit that the result depends on. */
  readonly inputs: readonly string[];
}

export interface NoRecipe {
  /** Why the result cannot be kept, in plain words. */
  readonly refused: string;
}

interface Kind {
  readonly command: RegExp;
  read(text: ReadText): Recipe | NoRecipe | null;
}

/**
 * The install commands whose folder can be kept. A new one needs two things: what it makes is a function of the inputs alone, and holds
 * no path of where it was made (so no Python virtual environments).
 */
const kinds: readonly Kind[] = [
  {
    command:
      /^npm ci(?: --(?:omit=(?:dev|optional|peer)|ignore-scripts|no-audit|no-fund|prefer-offline|legacy-peer-deps))*$/,
    read: readNpm,
  },
];

/** Is this a command whose result may come from the cache? Depends on nothing else, so that a stage's script stays the same. */
export function isCacheable(command: string): boolean {
  return kinds.some((kind) => kind.command.test(command));
}

/** Null: nothing is known about this command, or there is no lock file. */
export function recipeOf(command: string, text: ReadText): Recipe | NoRecipe | null {
  return kinds.find((kind) => kind.command.test(command))?.read(text) ?? null;
}

const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) }).loose();

/** `npm ci` runs these of the package itself, after the dependencies' own; see "npm ci" in npm's "Life Cycle Operation Order". */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

/** Scripts that only set git hooks: a checkout that is built and thrown away does without. */
const setsHooks =
  /^(?:is-ci \|\| |npx )?(?:husky(?: install)?|lefthook install|simple-git-hooks)(?: \|\| (?:true|exit 0))?$/;

/** Fields of package.json that `npm ci` looks at. */
const fields = [
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'],
  ...['bundleDependencies', 'bundledDependencies', 'overrides', 'engines', 'os', 'cpu', 'libc', 'devEngines', 'volta'],
];

/** Files that choose a toolchain or change what npm does. */
const settings = ['.npmrc', '.nvmrc', '.node-version', '.tool-versions'];

/** npm itself prefers the first. */
const locks = ['npm-shrinkwrap.json', 'package-lock.json'];

/** All files that a recipe may ask for. */
export const recipeFiles: readonly string[] = [...locks, ...settings, 'package.json', 'binding.gyp'];

function readNpm(text: ReadText): Recipe | NoRecipe | null {
  const found = locks.flatMap((name) => {
    const content = text(name);
    return content === null ? [] : [{ name, content }];
  });
  const [lock] = found;
  const manifest = Manifest.safeParse(json(text('package.json')));
  if (lock === undefined || !manifest.success) return null;
  const { data } = manifest;
  const script = lifecycle.find((name) => {
    const line = Object.hasOwn(data.scripts, name) ? (data.scripts[name]?.trim() ?? '') : '';
    return line !== '' && !setsHooks.test(line);
  });
  if (script !== undefined) return { refused: `npm ci also runs the script "${script}" of package.json` };
  if (text('binding.gyp') !== null) return { refused: 'npm ci also builds binding.gyp' };
  if (data.workspaces !== undefined) return { refused: 'package.json has workspaces' };
  if (found.some((each) => /"link":\s*true/.test(each.content))) {
    return { refused: `${lock.name} links to folders of the repository` };
  }
  if (/^\s*install-links\b/m.test(text('.npmrc') ?? '')) return { refused: '.npmrc sets install-links' };
  return {
    folder: 'node_modules',
    lockfile: lock.name,
    inputs: [
      ...found.flatMap((each) => [each.name, each.content]),
      ...fields.map((name) => JSON.stringify([name, data[name] ?? null])),
      ...settings.map((name) => JSON.stringify([name, text(name)])),
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
