import { folderOf, join } from '../detect/files.ts';
import { readNodePackage } from '../detect/node/package.ts';
import { workspaceAround, workspacesOf } from '../detect/workspaces.ts';
import type { NoRecipe, Site } from './kind.ts';

/** Where an install works: from its root, and in the members of the workspace that is declared there. */
export interface Span {
  /** From the top of the commit. */
  readonly root: string;
  /** From the root, sorted; none: there is no workspace. */
  readonly members: readonly string[];
}

/** Which folders a package manager takes for one workspace, when it is called in this one. Throws `unreadable_manifest`. */
export type FindSpan = (site: Site) => Span | NoRecipe;

/**
 * npm and Yarn 1: the next folder further up of which this one is a member, or this one. See "loadLocalPrefix" in npm's config and
 * "resolveWorkspaceRoot" in Yarn's.
 */
export const byManifest: FindSpan = ({ commit, folder }) => {
  const around = workspaceAround(commit, folder, ['npm']);
  if (around === null) return spanOf(folder, workspacesOf(commit, folder, ['npm'])[0]?.members);
  if ((readNodePackage(commit, folder)?.workspaces ?? []).length > 0)
    return { refused: 'package.json declares a workspace within another one' };
  return spanOf(around.folder, around.members);
};

/** More than that are not all shown by the search for members. */
const maxPatterns = 200;
const maxMembers = 999;

/** Whole names, and `*` within them: what these name is found without doubt. */
const plain = /^(?:\.\/)?[\w@.*-]+(?:\/[\w@.*-]+)*\/?$/;

/** Yarn 1, whose lock file does not name the members: they must be certain without it. */
export const byPlainManifest: FindSpan = (site) => {
  const span = byManifest(site);
  if ('refused' in span || span.members.length === 0) return span;
  const patterns = readNodePackage(site.commit, span.root)?.workspaces ?? [];
  const odd = patterns.find((each) => !plain.test(each) || each.includes('**'));
  if (odd !== undefined)
    return { refused: `package.json names workspaces by the pattern ${JSON.stringify(odd.slice(0, 100))}` };
  const many = patterns.length > maxPatterns || span.members.length > maxMembers;
  return many ? { refused: 'package.json has more workspaces than are looked for' } : span;
};

/** pnpm: the nearest pnpm-workspace.yaml counts, also where it declares no packages. */
export const byPnpmFile: FindSpan = ({ commit, folder }) => {
  for (let at = folder; ; at = folderOf(at)) {
    if (commit.exists(join(at, 'pnpm-workspace.yaml'))) {
      const members = workspacesOf(commit, at, ['pnpm'])[0]?.members ?? [];
      if (at === folder || members.includes(folder)) return spanOf(at, members);
      return {
        refused: `pnpm-workspace.yaml further up, of ${at === '.' ? 'the top folder' : at}, does not name this folder`,
      };
    }
    if (at === '.') return spanOf(folder);
  }
};

/** Bun, of which it is not known how its workspaces can be moved. */
export const alone: FindSpan = ({ commit, folder }) => {
  const around = workspaceAround(commit, folder, ['npm'])?.folder ?? folder;
  const declared = readNodePackage(commit, around)?.has('workspaces') === true;
  return declared ? { refused: `${join(around, 'package.json')} has workspaces` } : spanOf(folder);
};

function spanOf(root: string, members: readonly string[] = []): Span | NoRecipe {
  const skip = root === '.' ? 0 : root.length + 1;
  const inside = members.map((member) => member.slice(skip));
  const odd = inside.find((member) => member.split('/').includes('node_modules'));
  return odd === undefined ? { root, members: inside } : { refused: `the workspace ${odd} lies in a node_modules` };
}
