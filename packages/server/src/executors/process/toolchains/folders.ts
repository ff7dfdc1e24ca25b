import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundToolchain } from '../../../domain/runtime/toolchain.ts';
import { isProgram } from '../../../on-path.ts';

export const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isDirectory() === true;
export const names = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort();
export const real = (path: string): Promise<string> => realpath(path).catch(() => path);

/** One folder for each program: the same one gets the same again. */
export function aliasFolder(folder: string, name: string, program: string): string {
  return join(folder, `${name}-${createHash('sha256').update(program).digest('hex').slice(0, 12)}`);
}

/**
 * A script for each name, that starts what it stands for: a link would let Python look for its library beside the link. Each appears
 * whole; what is there stays.
 */
export async function makeFolder(bin: string, aliases: NonNullable<FoundToolchain['aliases']>): Promise<void> {
  await mkdir(bin, { recursive: true, mode: 0o755 });
  for (const [name, words] of Object.entries(aliases)) {
    const path = join(bin, name);
    if (await isProgram(path)) continue;
    const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const part = join(bin, `.${name}-${randomUUID()}`);
    await writeFile(part, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
    await rename(part, path);
  }
}
