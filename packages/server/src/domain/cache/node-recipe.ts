import { z } from 'zod';
import { folderOf, join, wayUp } from '../detect/files.ts';
import type { CommitView, Kind, Made, NoRecipe, Program, Recipe, Site } from './kind.ts';
import { type CheckLinks, parsed, reached } from './links.ts';
import type { FindSpan } from './spans.ts';

/** A package manager that makes folders node_modules without a path in them, or only where it can be written anew. */
export interface Installer extends Pick<Made, 'last' | 'holders'>, Pick<Kind, 'command' | 'ruledBy'> {
  /** As it is called, for people. */
  readonly name: string;
  /** It itself prefers the first. */
  readonly locks: readonly string[];
  /** Its own files of settings. */
  readonly settings: readonly string[];
  /** Whose version counts beside Node's. */
  readonly program: Program | null;
  /** Fields of package.json that it looks at beside those that all do. */
  readonly fields: readonly string[];
  readonly span: FindSpan;
  readonly links: CheckLinks;
  /** What in which file makes it unfit: in a lock file of the root, or in a file of any folder that it works in. */
  readonly unfit: readonly (readonly [file: string, found: RegExp, refused: string])[];
}

const Manifest = z
  .object({
    scripts: z.record(z.string(), z.string()).default({}),
    bin: z.unknown().optional(),
    directories: z.object({ bin: z.unknown().optional() }).optional().catch(undefined),
  })
  .loose();
type Manifest = z.infer<typeof Manifest>;

/** They run these of the package itself, after the dependencies' own; see "npm ci" in npm's "Life Cycle Operation Order". */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

/** Scripts that only set git hooks: a checkout that is built and thrown away does without. */
const setsHooks =
  /^(?:is-ci \|\| |npx )?(?:husky(?: install)?|lefthook install|simple-git-hooks)(?: \|\| (?:true|exit 0))?$/;

/** Fields of package.json that they look at. */
const fields = [
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'],
  ...['bundleDependencies', 'bundledDependencies', 'overrides', 'engines', 'os', 'cpu', 'libc', 'devEngines', 'volta'],
  ...['packageManager', 'resolutions', 'dependenciesMeta', 'trustedDependencies', 'workspaces', 'private'],
];
/** What else they look at in members, whose names and programs they link. */
const linked = ['name', 'version', 'bin', 'publishConfig'];

/** Files that choose a toolchain or change what an install does. */
const settings = ['.npmrc', '.nvmrc', '.node-version', '.tool-versions'];

/** Packages that put a program outside of node_modules when they are installed, as lock files name them. */
const outside = /(?:"node_modules\/|^(?:"| {2}\/?)?|\[")(cypress|playwright-(?:chromium|firefox|webkit))["@]/m;

/** Null: it has no lock file or no manifest that can be read. Throws `unreadable_manifest`. */
export function readNode(installer: Installer, site: Site): Recipe | NoRecipe | null {
  const { name, program, last, holders } = installer;
  const { commit } = site;
  const span = installer.span(site);
  if ('refused' in span) return span;
  const { root, members } = span;
  const locks = installer.locks.flatMap((lock) => {
    const text = commit.readLock(join(root, lock));
    return text === null ? [] : [{ name: lock, text }];
  });
  const [lock] = locks;
  if (lock === undefined) return null;
  const packages = ['.', ...members].map((folder) => ({ folder, data: manifestOf(commit, join(root, folder)) }));
  for (const { folder, data } of packages) {
    if (data === null) return null;
    const refused = scriptOf(commit, join(root, folder), folder, data);
    if (refused !== null) return { refused: `${name} also ${refused}` };
  }
  const wrong = installer.links(lock.text, members);
  if (wrong !== null) return { refused: `${lock.name} ${wrong}` };
  const own = [...settings, ...installer.settings];
  // Some look for settings in every folder further up.
  const folders = [...new Set([...upFrom(site.folder), ...['.', ...members].map((each) => join(root, each))])].sort();
  const unfit = unfitOf(installer, commit, folders, locks);
  if (unfit !== null) return { refused: unfit };
  const apart = locks.flatMap((each) => outside.exec(each.text)?.[1] ?? []);
  if (apart.length > 0) return { refused: `${apart[0]} puts a program outside of node_modules` };
  const programs = members.map((member) => ({ member, found: programsOf(commit, root, member) }));
  for (const { found } of programs) if ('refused' in found) return found;
  return {
    root: wayUp(site.folder, root),
    folders: ['.', ...members].map((folder) => join(folder, 'node_modules')),
    linked: members,
    lockfile: lock.name,
    programs: program === null ? ['node'] : ['node', program],
    last,
    holders,
    linksOut: false,
    only: null,
    inputs: [
      // Called in a member, some install only what that one needs.
      JSON.stringify(['in', site.folder, root]),
      ...locks.flatMap((each) => [each.name, each.text]),
      ...packages.map(({ folder, data }) => {
        const more = folder === '.' ? installer.fields : [...installer.fields, ...linked];
        return JSON.stringify([folder, [...new Set([...fields, ...more])].map((each) => [each, data?.[each] ?? null])]);
      }),
      ...folders.flatMap((folder) =>
        own.map((each) => JSON.stringify([folder, each, commit.readLock(join(folder, each))])),
      ),
      JSON.stringify(programs),
    ],
  };
}

function manifestOf(commit: CommitView, folder: string): Manifest | null {
  return Manifest.safeParse(parsed(commit.readLock(join(folder, 'package.json')))).data ?? null;
}

/** What the install runs or builds of the package itself. */
function scriptOf(commit: CommitView, path: string, folder: string, { scripts }: Manifest): string | null {
  const script = lifecycle.find((each) => {
    const line = Object.hasOwn(scripts, each) ? (scripts[each]?.trim() ?? '') : '';
    return line !== '' && !setsHooks.test(line);
  });
  if (script !== undefined) return `runs the script "${script}" of ${join(folder, 'package.json')}`;
  return commit.exists(join(path, 'binding.gyp')) ? `builds ${join(folder, 'binding.gyp')}` : null;
}

function unfitOf(
  { unfit, locks: names }: Installer,
  commit: CommitView,
  folders: readonly string[],
  locks: readonly { name: string; text: string }[],
): string | null {
  for (const [file, found, refused] of unfit) {
    const inLock = locks.find((each) => each.name === file && found.test(each.text));
    if (inLock !== undefined) return `${file} ${refused}`;
    if (names.includes(file)) continue;
    for (const folder of folders) {
      const path = join(folder, file);
      const text = commit.readLock(path);
      if (text !== null && found.test(text)) return `${path} ${refused}`;
    }
  }
  return null;
}

/**
 * The programs of a member that are there: they get linked. Package managers make the file itself executable, and its first line one of
 * Unix (npm's "bin-links", which pnpm uses, too); as that changes the commit's own files, they must be so already.
 */
function programsOf(commit: CommitView, root: string, member: string): readonly string[] | NoRecipe {
  const manifest = manifestOf(commit, join(root, member));
  const path = join(member, 'package.json');
  if (manifest?.directories?.bin !== undefined) return { refused: `${path} has a folder of programs` };
  const bin = manifest?.bin ?? [];
  const named = typeof bin === 'string' ? [bin] : Object.values(bin);
  const there: string[] = [];
  for (const each of named) {
    const place = typeof each === 'string' ? reached(member, each) : null;
    if (place === null || !place.startsWith(`${member}/`))
      return { refused: `${path} names a program outside of its folder` };
    const state = commit.program(join(root, place));
    if (state === 'unready')
      return {
        refused: `${place}, a program of the workspace, is not executable, or has lines that end as on Windows`,
      };
    if (state === 'ready') there.push(place);
  }
  return there;
}

/** The folder and all further up. */
function upFrom(folder: string): string[] {
  return folder === '.' ? ['.'] : [folder, ...upFrom(folderOf(folder))];
}
