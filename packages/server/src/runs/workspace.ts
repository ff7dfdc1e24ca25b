import { removeTree } from '../tree.ts';
import type { RunAct } from './act.ts';

/** Where a service lives inside a checkout. */
export function serviceFolder(checkout: string, folder: string): string {
  return folder === '.' ? checkout : `${checkout}/${folder}`;
}

/**
 * The folder that a run's checks work in: one for each attempt of prepare, so that a prepare begins with nothing but the commit's files,
 * and a server that wakes up late finds another folder than the one in use.
 */
export function workspaceFolder(workspaces: string, run: number, prepared: number): string {
  return `${workspaces}/${run}-${Math.max(1, prepared)}`;
}

/** Removes the files that the checks of this execution and of earlier ones worked in. What cannot be removed is no reason to fail a run. */
export async function removeWorkspaces(act: RunAct): Promise<void> {
  const { house, run, prepared } = act;
  for (let attempt = 1; attempt <= prepared; attempt++) {
    await removeTree(workspaceFolder(house.workspaces, run.id, attempt)).catch(() => {});
  }
}
