import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { callGit, runGit } from './git.ts';
import { type Mirrors, mirrorPath } from './mirror.ts';
import type { PushProgress, RefUpdate } from './push.ts';

/** Longer than any push takes. */
const staleMs = 24 * 3_600_000;
/** git holds a lock for milliseconds: one that is older is of a git that was killed, and would keep its branch from ever moving again. */
const staleLockMs = 60_000;

/** Removes what would refuse a push for ever: locks that a killed git, or the end of the machine, left in the mirror. */
export async function removeStaleLocks(mirrors: Mirrors, repository: string): Promise<void> {
  const mirror = mirrorPath(mirrors, repository);
  const refs = await readdir(join(mirror, 'refs'), { recursive: true });
  for (const name of ['HEAD.lock', 'packed-refs.lock', ...refs.map((ref) => join('refs', ref))]) {
    if (name.endsWith('.lock')) await removeOlder(join(mirror, name), staleLockMs);
  }
}

/** What a mirror needs after a push, while the run is on its way already. */
export async function tendMirror(
  mirrors: Mirrors,
  repository: string,
  updates: readonly RefUpdate[],
  progress: PushProgress,
): Promise<void> {
  const mirror = mirrorPath(mirrors, repository);
  await settleHead(mirrors, mirror, updates);
  await tellRewritten(mirrors, mirror, updates, progress);
  await removeStale(join(mirror, 'objects'));
}

/** A clone checks HEAD out: it should not stand on a branch that nobody has pushed. */
async function settleHead(mirrors: Mirrors, mirror: string, updates: readonly RefUpdate[]): Promise<void> {
  const born = updates.find(({ kind, before, after }) => kind === 'branch' && before === null && after !== null);
  if (born === undefined) return;
  const gitDir = `--git-dir=${mirror}`;
  const { code } = await runGit(mirrors.git, [gitDir, 'rev-parse', '--verify', '--quiet', 'HEAD']);
  if (code === 0) return;
  await callGit(mirrors.git, 'HEAD could not be set', [gitDir, 'symbolic-ref', 'HEAD', `refs/heads/${born.name}`]);
}

async function tellRewritten(
  mirrors: Mirrors,
  mirror: string,
  updates: readonly RefUpdate[],
  progress: PushProgress,
): Promise<void> {
  for (const { kind, name, before, after } of updates) {
    if (kind !== 'branch' || before === null || after === null) continue;
    const ancestry = ['merge-base', '--is-ancestor', before, after];
    const { code } = await runGit(mirrors.git, [`--git-dir=${mirror}`, ...ancestry]);
    if (code === 1) progress.line(`${name} was rewritten: it does not contain ${before.slice(0, 8)} any more`);
  }
}

/** git leaves a push's objects in quarantine when a signal ends it, as when the server dies in the middle. */
async function removeStale(objects: string): Promise<void> {
  for (const name of await readdir(objects)) {
    if (!name.startsWith('tmp_objdir-')) continue;
    await removeOlder(join(objects, name), staleMs);
  }
}

async function removeOlder(path: string, ms: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && Date.now() - found.mtimeMs > ms) await rm(path, { recursive: true, force: true });
}
