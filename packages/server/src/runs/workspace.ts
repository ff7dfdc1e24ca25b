import { rm } from 'node:fs/promises';
import type { RunAct } from './act.ts';

/** Where a service lives inside a checkout. */
export function serviceFolder(checkout: string, folder: string): string {
  return folder === '.' ? checkout : `${checkout}/${folder}`;
}

/** The files of an ended run are of no more use, unless a person may rerun a stage in them. */
export async function removeWorkspace(act: RunAct): Promise<void> {
  await rm(act.workspace, { recursive: true, force: true, maxRetries: 3 });
}
