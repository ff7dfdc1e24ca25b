import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { z } from 'zod';

/** Replaces a file whole: a reader, and whoever comes after a SIGKILL, sees the old content or the new one. Mode 0600. */
export function replaceFile(path: string, content: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

/** Reads a small plain file; null when there is none. Links, pipes and devices count as none: some folders belong to other users. */
export function readSmall(path: string, mostBytes = 4096): string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return null;
    throw error;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return null;
    const content = Buffer.alloc(Math.min(stat.size, mostBytes));
    return content.toString('utf8', 0, readSync(file, content, 0, content.length, 0));
  } finally {
    closeSync(file);
  }
}

/** Tells a file from any other of the machine, whatever its name is; null when there is none. */
export function fileId(path: string): string | null {
  return idOf(statSync(path, { throwIfNoEntry: false }));
}

export function idOf(stat: Stats | undefined): string | null {
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Reads a small JSON file; null when there is none, or a power failure has left something that is not what was written. */
export function readJson<T>(path: string, schema: z.ZodType<T>, mostBytes?: number): T | null {
  const content = readSmall(path, mostBytes);
  if (content === null) return null;
  try {
    return schema.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    return null;
  }
}
