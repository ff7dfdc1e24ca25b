import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';

/** What an earlier demo left in its data folder. */
export interface Earlier {
  readonly data: string;
  /** The folder is no one else's by its name: whatever lies there is a demo's. */
  readonly own: boolean;
  /** Stops what may still run there. */
  readonly down: () => Promise<unknown>;
}

/**
 * Ends and removes an earlier demo, so that the story begins from nothing: its repositories are new ones each time. False: there was none.
 * Throws `bad_request` for an installation that is no demo, which stays as it is.
 */
export async function removeEarlier({ data, own, down }: Earlier): Promise<boolean> {
  // Renamed first: removed by halves it would be neither empty nor an installation, and no demo could begin there any more.
  const remains = `${data}.removed`;
  removeTree(remains);
  if (!existsSync(join(data, 'towpath.json'))) return false;
  if (!own && !existsSync(join(data, 'demo'))) {
    throw new TowpathError('bad_request', `${data} holds an installation that is no demo`, {
      help: 'Choose another folder: towpath demo --data <folder>. Without --data the demo has one of its own.',
    });
  }
  await down();
  renameSync(data, remains);
  removeTree(remains);
  return true;
}

/** Also what is sealed against writing, as bundles are. */
function removeTree(path: string): void {
  if (!existsSync(path)) return;
  spawnSync('chmod', ['-R', 'u+rwX', path]);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
