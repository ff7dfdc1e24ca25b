import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Commit, TowpathError } from '@towpath/contract';
import { isAlive } from '../../alive.ts';
import { removeTree } from '../../tree.ts';
import { runGit } from './git.ts';
import { type Mirrors, mirrorExists, mirrorPath } from './mirror.ts';
import { weigh } from './weigh.ts';

/** In a folder's `.git`: the commit that lies there whole. A sealed bundle keeps it. */
const marker = 'towpath-commit';
const checkoutMs = 30 * 60_000;

/**
 * Puts the commit's files into the folder, with a `.git` that borrows the mirror's objects, so that builds may ask git who they are.
 * They are written beside the folder and renamed, so that a crash, or two servers at once, never leave half of them. A folder that
 * holds the commit whole already is left alone: a build may be at work there. Throws `unknown_commit`, `too_large`, `disk_full`.
 *
 * Nothing of the commit is executed: filters, hooks and submodules need configuration that does not exist here, and git follows no
 * link while it writes.
 */
export async function checkoutCommit(
  mirrors: Mirrors,
  repository: string,
  commit: string,
  folder: string,
): Promise<void> {
  const mirror = mirrorPath(mirrors, repository);
  if (!Commit.safeParse(commit).success) {
    throw new TowpathError('bad_request', `${JSON.stringify(commit)} is no full commit id`);
  }
  if ((await commitIn(folder)) === commit) return;
  if (!(await mirrorExists(mirrors, repository))) throw unknownCommit(repository, commit);

  await mkdir(dirname(folder), { recursive: true });
  await removeLeftovers(folder);
  const part = besides(folder);
  try {
    await makeRepository(mirror, commit, part);
    const [tags] = await Promise.all([readTags(mirrors, mirror), fill(mirrors, repository, commit, part)]);
    if (tags.length > 0) await writeFile(join(part, '.git', 'packed-refs'), tags);
    await writeFile(join(part, '.git', marker), `${commit}\n`);
    await putInPlace(part, folder, commit);
  } finally {
    await removeTree(part);
  }
}

/** The commit that lies whole in the folder, or null. */
async function commitIn(folder: string): Promise<string | null> {
  return readFile(join(folder, '.git', marker), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

/** A `.git` folder by hand: a clone would cost three processes more. */
async function makeRepository(mirror: string, commit: string, part: string): Promise<void> {
  const git = join(part, '.git');
  await mkdir(join(git, 'objects', 'info'), { recursive: true });
  await mkdir(join(git, 'refs'));
  await Promise.all([
    writeFile(join(git, 'objects', 'info', 'alternates'), `${join(mirror, 'objects')}\n`),
    writeFile(join(git, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n'),
    writeFile(join(git, 'HEAD'), `${commit}\n`),
  ]);
}

async function fill(mirrors: Mirrors, repository: string, commit: string, part: string): Promise<void> {
  const over = new AbortController();
  const argv = ['read-tree', '--reset', '-u', `${commit}^{commit}`];
  const reading = runGit(mirrors.git, argv, { cwd: part, timeoutMs: checkoutMs, signal: over.signal });
  const isDone = () => true;
  const isQuick = await Promise.race([reading.then(isDone, isDone), pause(mirrors.patienceMs, false)]);
  const check = () => weigh(mirrors, repository, commit, over);
  // What lies there in a blink is not too large, as nearly all commits: each process costs every run milliseconds.
  const [read, weighed] = await Promise.allSettled([reading, isQuick ? null : check()]);
  if (weighed.status === 'rejected') throw weighed.reason;
  if (read.status === 'rejected') throw read.reason;
  const outcome = read.value;
  if (outcome.code === 0) return;
  if (isQuick) await check();
  const known = await runGit(mirrors.git, ['cat-file', '-e', `${commit}^{commit}`], { cwd: part });
  if (known.code !== 0) throw unknownCommit(repository, commit);
  throw new TowpathError(
    'internal',
    `the files of ${repository} at ${commit} could not be written: ${outcome.error.trim()}`,
  );
}

function unknownCommit(repository: string, commit: string): TowpathError {
  return new TowpathError('unknown_commit', `${repository} has no commit ${commit}`);
}

/** For `git describe`: the tags as git packs them. None is no reason to fail. */
async function readTags(mirrors: Mirrors, mirror: string): Promise<Buffer> {
  const [loose, packed] = await Promise.all([
    readdir(join(mirror, 'refs', 'tags')).catch(() => []),
    readFile(join(mirror, 'packed-refs')).catch(() => null),
  ]);
  // Most services have none, and a process saved is milliseconds saved for each run.
  if (loose.length === 0 && packed === null) return Buffer.alloc(0);
  const format = '--format=%(objectname) %(refname)';
  const { code, out } = await runGit(mirrors.git, [`--git-dir=${mirror}`, 'for-each-ref', format, 'refs/tags/']);
  return Buffer.concat([Buffer.from('# pack-refs with: sorted \n'), code === 0 ? out : Buffer.alloc(0)]);
}

async function putInPlace(part: string, folder: string, commit: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(part, folder);
    } catch (error) {
      // Another server was faster with the same commit: its files are as good.
      if ((await commitIn(folder)) === commit) return;
      if (attempt === 3) throw error;
      const old = besides(folder);
      await rename(folder, old);
      await removeTree(old);
    }
  }
}

/** A name beside the folder that tells which process made it. */
function besides(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.${process.pid}-${randomBytes(6).toString('hex')}.part`);
}

/** Removes what processes that are gone left beside the folder. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `.${basename(folder)}.`;
  for (const name of await readdir(dirname(folder))) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{12}\.part$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await removeTree(join(dirname(folder), name));
  }
}
