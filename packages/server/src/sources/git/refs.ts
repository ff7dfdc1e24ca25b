import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callGit, runGit } from './git.ts';
import { type Mirrors, mirrorExists, mirrorPath } from './mirror.ts';

const fullId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const someId = /^[0-9a-f]{4,64}$/;

/** May git have a branch or tag of this name? (`git check-ref-format`, without asking it.) */
export function isRefName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids them, so they are looked for.
  if (name === '' || name.length > 1_024 || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(name))
    return false;
  return name.isWellFormed() && name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

interface Ref {
  readonly ref: string;
  /** The commit that it leads to; null when it leads to something else (a tag on a file). */
  readonly commit: string | null;
}

/** One call of git for any number of refs; patterns are full names or folders such as `refs/heads/`. */
async function listRefs(mirrors: Mirrors, repository: string, patterns: readonly string[]): Promise<Ref[]> {
  if (!(await mirrorExists(mirrors, repository))) return [];
  const format = '%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)';
  const out = await callGit(mirrors.git, `the branches of ${repository} could not be read`, [
    `--git-dir=${mirrorPath(mirrors, repository)}`,
    'for-each-ref',
    `--format=${format}`,
    ...patterns,
  ]);
  return out
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [type, id = '', peeledType, peeledId = '', ...rest] = line.split(' ');
      const ref = rest.join(' ');
      // U+FFFD: the name is not UTF-8, nobody could ask for it again.
      if (ref === '' || ref.includes('\ufffd')) return [];
      return [{ ref, commit: type === 'commit' ? id : peeledType === 'commit' ? peeledId : null }];
    });
}

export async function listBranches(mirrors: Mirrors, repository: string) {
  const refs = await listRefs(mirrors, repository, ['refs/heads/']);
  return refs.flatMap(({ ref, commit }) =>
    commit === null ? [] : [{ branch: ref.slice('refs/heads/'.length), commit }],
  );
}

export async function branchHead(mirrors: Mirrors, repository: string, branch: string): Promise<string | null> {
  if (!isRefName(branch)) return null;
  const ref = `refs/heads/${branch}`;
  return (await looseRef(mirrors, repository, ref)) ?? findRef(mirrors, repository, [ref]);
}

/** A branch that moved lately stands in a file of its own, which wins over the packed ones: no git process has to be asked. */
async function looseRef(mirrors: Mirrors, repository: string, ref: string): Promise<string | null> {
  const text = await readFile(join(mirrorPath(mirrors, repository), ref), 'utf8').catch(() => '');
  return fullId.test(text.trim()) ? text.trim() : null;
}

async function findRef(mirrors: Mirrors, repository: string, names: readonly string[]): Promise<string | null> {
  const refs = await listRefs(mirrors, repository, names);
  for (const name of names) {
    const found = refs.find(({ ref }) => ref === name);
    if (found !== undefined) return found.commit;
  }
  return null;
}

/** A full id first: a branch that is named like a commit must not stand in for it. Then branch, tag, abbreviated id. */
export async function resolveName(mirrors: Mirrors, repository: string, name: string): Promise<string | null> {
  if (fullId.test(name)) return commitId(mirrors, repository, name);
  if (!isRefName(name)) return null;
  const found = await findRef(mirrors, repository, [`refs/heads/${name}`, `refs/tags/${name}`]);
  return found ?? (someId.test(name) ? commitId(mirrors, repository, name) : null);
}

async function commitId(mirrors: Mirrors, repository: string, id: string): Promise<string | null> {
  if (!(await mirrorExists(mirrors, repository))) return null;
  const { code, out } = await runGit(mirrors.git, [
    `--git-dir=${mirrorPath(mirrors, repository)}`,
    'rev-parse',
    '--verify',
    '--quiet',
    `${id}^{commit}`,
  ]);
  return code === 0 ? out.toString().trim() : null;
}
