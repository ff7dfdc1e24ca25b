import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TowpathError } from '@towpath/contract';

const temporary = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Writes a file so that a crash at any moment leaves either the old or the new content. */
export function replaceFile(path: string, content: string, mode: number): void {
  const draft = writeDraft(path, content, mode);
  renameSync(draft, path);
  flushFolder(dirname(path));
}

/** Like `replaceFile`, but never over an existing one: returns false and leaves what is there. */
export function createFile(path: string, content: string, mode: number): boolean {
  const draft = writeDraft(path, content, mode);
  try {
    // Unlike rename, link refuses to take the place of something.
    linkSync(draft, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
  flushFolder(dirname(path));
  return true;
}

/** Removes the drafts that a killed writer left in a folder. Only for folders that nobody else writes to now. */
export function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) if (temporary.test(name)) rmSync(join(folder, name), { force: true });
}

/** Makes renames and new names in a folder outlive a power cut. */
export function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The `code` of a system error (`ENOENT`), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Runs an action on files; a full disk or a folder that cannot be written to becomes an error that says so. */
export function onDisk<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw diskError(path, error);
  }
}

/** What a failed write below `path` means, or the error itself when it means nothing known. */
export function diskError(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new TowpathError('disk_full', `no space left on the volume of ${path}`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new TowpathError('unusable_folder', `${path} cannot be written to (${code})`, { cause: error });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new TowpathError('unusable_folder', `${path} is not a folder, or lies below something that is none`, {
      cause: error,
    });
  }
  return error;
}

function writeDraft(path: string, content: string, mode: number): string {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = openSync(draft, 'wx', mode);
  try {
    writeFileSync(handle, content); // Unlike writeSync it does not stop half-way on a volume that is just full.
    fsyncSync(handle);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  return draft;
}
