/** Which folders of a repository belong together: the workspaces that its package managers declare. */
import { z } from 'zod';
import { type FileView, folderOf, foldersBelow, foldersIn, join } from './files.ts';
import { readNodePackage } from './node/package.ts';
import { evidence, readToml, readYaml } from './parse.ts';

export interface Workspace {
  /** `npm`: also Yarn's and Bun's, which are declared the same. */
  readonly kind: 'npm' | 'pnpm' | 'uv' | 'cargo' | 'go';
  readonly origin: string;
  /** Folders below the declaring one, sorted; with a manifest in each. */
  readonly members: readonly string[];
}

const Members = z.object({ members: z.array(z.string()).catch([]), exclude: z.array(z.string()).catch([]) });
const Cargo = z.object({ workspace: Members.optional() });
const PyProject = z.object({
  tool: z.object({ uv: z.object({ workspace: Members.optional() }).optional() }).optional(),
});
const Pnpm = z.object({ packages: z.array(z.string()).catch([]) });

interface Declaration {
  readonly kind: Workspace['kind'];
  /** The file that a member must have. */
  readonly manifest: string;
  readonly read: (files: FileView, folder: string) => { patterns: readonly string[]; origin: string } | null;
}

const declarations: readonly Declaration[] = [
  {
    kind: 'pnpm',
    manifest: 'package.json',
    read: (files, folder) => {
      const found = evidence(readYaml, files, join(folder, 'pnpm-workspace.yaml'), Pnpm);
      return found === null ? null : { patterns: found.packages, origin: 'pnpm-workspace.yaml' };
    },
  },
  {
    kind: 'npm',
    manifest: 'package.json',
    read: (files, folder) => {
      const patterns = readNodePackage(files, folder)?.workspaces ?? [];
      return { patterns, origin: 'package.json, "workspaces"' };
    },
  },
  {
    kind: 'cargo',
    manifest: 'Cargo.toml',
    read: (files, folder) => {
      const found = readToml(files, join(folder, 'Cargo.toml'), Cargo)?.workspace;
      return found === undefined ? null : { patterns: withExcluded(found), origin: 'Cargo.toml, "workspace"' };
    },
  },
  {
    kind: 'uv',
    manifest: 'pyproject.toml',
    read: (files, folder) => {
      const found = readToml(files, join(folder, 'pyproject.toml'), PyProject)?.tool?.uv?.workspace;
      return found === undefined
        ? null
        : { patterns: withExcluded(found), origin: 'pyproject.toml, "tool.uv.workspace"' };
    },
  },
  {
    kind: 'go',
    manifest: 'go.mod',
    read: (files, folder) => {
      const text = files.read(join(folder, 'go.work'));
      if (text === null) return null;
      const uses = text.split('\n').flatMap((line) => {
        const path = /^\s*(?:use\s+)?"?(\.{1,2}\/[^\s"]*|\.)"?\s*(?:\/\/.*)?$/.exec(line)?.[1];
        return path === undefined ? [] : [path];
      });
      return { patterns: uses, origin: 'go.work' };
    },
  },
];

function withExcluded({ members, exclude }: z.infer<typeof Members>): string[] {
  return [...members, ...exclude.map((pattern) => `!${pattern}`)];
}

/** The workspaces, of one of these kinds, that the manifests of a folder declare and that have members. */
export function workspacesOf(files: FileView, folder = '.', kinds?: readonly Workspace['kind'][]): Workspace[] {
  return declarations.flatMap(({ kind, manifest, read }) => {
    if (kinds?.includes(kind) === false) return [];
    const found = read(files, folder);
    if (found === null) return [];
    const members = expand(files, folder, found.patterns).filter((member) => files.exists(join(member, manifest)));
    return members.length === 0 ? [] : [{ kind, origin: found.origin, members }];
  });
}

/** The workspace that the folder is a member of, of one of these kinds, and the folder that declares it. */
export function workspaceAround(
  files: FileView,
  folder: string,
  kinds: readonly Workspace['kind'][],
): (Workspace & { readonly folder: string }) | null {
  for (let above = folder; above !== '.'; ) {
    above = folderOf(above);
    const around = workspacesOf(files, above, kinds).find((each) => each.members.includes(folder));
    if (around !== undefined) return { ...around, folder: above };
  }
  return null;
}

/** More patterns than anybody writes. */
const maxPatterns = 200;

/** The folders that the patterns name: whole names, `*` within a name, `**` for up to three levels, `!` for what is left out. */
function expand(files: FileView, top: string, patterns: readonly string[]): string[] {
  const named = (pattern: string) => {
    const steps = pattern.replace(/^!/, '').split('/');
    if (pattern.startsWith('/') || steps.includes('..')) return [];
    return steps.filter((step) => step !== '' && step !== '.').reduce((from, step) => walk(files, from, step), [top]);
  };
  const some = patterns.slice(0, maxPatterns);
  const left = new Set(some.filter((pattern) => pattern.startsWith('!')).flatMap(named));
  const found = new Set(some.filter((pattern) => !pattern.startsWith('!')).flatMap(named));
  return [...found].filter((folder) => !left.has(folder) && folder !== '.').sort();
}

/** Members that one repository may have: as many names as a folder shows. */
const maxMembers = 1_000;

function walk(files: FileView, folders: readonly string[], step: string): string[] {
  const next = (folder: string): string[] => {
    if (step === '**') return foldersBelow(files, folder, 3, (each) => /(^|\/)(node_modules|\.[^/]*)$/.test(each));
    if (!step.includes('*')) return [join(folder, step)];
    return foldersIn(files, folder).filter((each) => matches(step, each.slice(each.lastIndexOf('/') + 1)));
  };
  const found: string[] = [];
  for (const folder of folders) {
    if (found.length >= maxMembers) break;
    found.push(...next(folder));
  }
  return found.slice(0, maxMembers);
}

/** Does the name fit the pattern, in which `*` stands for any part? Piece by piece, so that no pattern is slow. */
function matches(pattern: string, name: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (name.startsWith('.') || name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
