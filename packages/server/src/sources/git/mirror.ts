import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Name, TowpathError } from '@towpath/contract';
import { callGit, type Git } from './git.ts';

/** What is taken from those who push. */
export interface GitLimits {
  /** Of one push, as it comes over the line. */
  readonly pushBytes: number;
  /** Of one commit: what a few kilobytes are laid out to may have no end. */
  readonly commitFiles: number;
  readonly commitBytes: number;
}

/** The git of this machine and the folder below which the bare repositories lie. */
export interface Mirrors {
  readonly git: Git;
  /** Absolute: `<dataDir>/git`. */
  readonly folder: string;
  readonly limits: GitLimits;
  /** A commit whose files take longer than this, in ms, is held against the limits. */
  readonly patienceMs: number;
}

/** Is it `<project>/<service>`, both by the rules of names? Nothing else ever becomes part of a path. */
export function isRepository(repository: string): boolean {
  const parts = repository.split('/');
  return parts.length === 2 && parts.every((part) => Name.safeParse(part).success);
}

/** The absolute folder of the bare repository. Throws `bad_request` for anything but `<project>/<service>`. */
export function mirrorPath(mirrors: Mirrors, repository: string): string {
  if (!isRepository(repository)) {
    throw new TowpathError('bad_request', `${JSON.stringify(repository)} is no repository: use <project>/<service>`);
  }
  return join(mirrors.folder, `${repository}.git`);
}

export async function mirrorExists(mirrors: Mirrors, repository: string): Promise<boolean> {
  return access(join(mirrorPath(mirrors, repository), 'HEAD')).then(
    () => true,
    () => false,
  );
}

/** Makes the bare repository. It appears whole or not at all. */
export async function prepareMirror(mirrors: Mirrors, repository: string): Promise<void> {
  if (await mirrorExists(mirrors, repository)) return;
  const path = mirrorPath(mirrors, repository);
  const part = `${path}.${randomUUID()}.part`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await callGit(mirrors.git, `the repository of ${repository} could not be made`, [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=main',
      '--',
      part,
    ]);
    await rename(part, path);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (!(await mirrorExists(mirrors, repository))) throw error;
  }
}
