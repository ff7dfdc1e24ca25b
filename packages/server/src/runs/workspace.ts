import { removeTree } from '../artifacts/tree.ts';
import type { RunAct } from './act.ts';

/** Where a service lives inside a checkout. */
export function serviceFolder(checkout: string, folder: string): string {
  return folder === '.' ? checkout : `${checkout}/${folder}`;
}

/**
 * The folder that the run's checks work in: one for each attempt of prepare, so that a prepare begins with nothing but the commit's files,
 * and a server that wakes up late finds another folder than the one in use.
 */
export async function workspaceOf(act: RunAct): Promise<string> {
  const [prepare] = await act.stages();
  return workspaceFolder(act.house.workspaces, act.run.id, prepare?.attempt ?? 1);
}

export function workspaceFolder(workspaces: string, run: number, attempt: number): string {
  return `${workspaces}/${run}-${Math.max(1, attempt)}`;
}

/** The files of an ended run are of no more use, unless a person may rerun a stage in them. */
export async function removeWorkspaces(act: RunAct): Promise<void> {
  const [prepare] = await act.stages();
  const newest = Math.max(1, prepare?.attempt ?? 1);
  for (let attempt = 1; attempt <= newest; attempt++) {
    await removeTree(workspaceFolder(act.house.workspaces, act.run.id, attempt));
  }
}
