import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { flushFolder, onDisk, replaceFile } from './file.ts';
import { shortHash } from './layout.ts';

/**
 * What `up` has brought to run: by part, what stands for its specification and code. Written after the part was started, so that a crash in
 * between costs a restart and never leaves old code running unnoticed. It is there as long as the installation should be up.
 */
export const Applied = z.object({ supervisor: z.string(), system: z.record(z.string(), z.string()) });
export type Applied = z.infer<typeof Applied>;

export function readApplied(path: string): Applied | null {
  if (!existsSync(path)) return null;
  return Applied.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
}

export function writeApplied(path: string, applied: Applied): void {
  onDisk(path, () => replaceFile(path, `${JSON.stringify(applied)}\n`, 0o600));
}

export function forgetApplied(path: string): void {
  rmSync(path, { force: true });
  flushFolder(dirname(path));
}

/** Stands for a value that can be written as JSON. */
export const digestOf = (value: unknown): string => shortHash(JSON.stringify(value));
