import { TowpathError } from '@towpath/contract';
import { runGit } from './git.ts';
import { type Mirrors, mirrorExists, mirrorPath } from './mirror.ts';

const fullId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const keepBytes = 1_048_576;

/** The contract's `changed`. Without a search for renames, which costs much and would hide the old path. */
export async function changedPaths(
  mirrors: Mirrors,
  repository: string,
  before: string,
  after: string,
): Promise<string[] | null> {
  const odd = [before, after].find((commit) => !fullId.test(commit));
  if (odd !== undefined) throw new TowpathError('bad_request', `${JSON.stringify(odd)} is no full commit id`);
  if (!(await mirrorExists(mirrors, repository))) return null;
  const argv = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', before, after];
  const { code, out, whole } = await runGit(mirrors.git, [`--git-dir=${mirrorPath(mirrors, repository)}`, ...argv], {
    keepBytes,
    endWhenFull: true,
  });
  if (code !== 0 || !whole) return null;
  return out.toString().split('\0').slice(0, -1);
}
