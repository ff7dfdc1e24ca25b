import type { Attempt, RunAct } from './act.ts';
import { scopesOf } from './scopes.ts';
import { settingsOf } from './settings.ts';

/** How long a command may wait for its turn with its folders kept: it ends them itself, unless all servers are gone. */
const queueMs = 24 * 3_600_000;

/** Variables that lead package managers to the download caches of the run's scope, which are kept for it until the attempt ends. */
export async function downloadsOf({ act, key }: Attempt): Promise<Readonly<Record<string, string>>> {
  const { writes: scope } = await scopesOf(act);
  const { settings } = await settingsOf(act);
  act.downloads = { scope, run: act.run.id, key };
  return act.house.downloads.open(act.downloads, (settings.stageMs ?? 0) + queueMs);
}

/** Only after the attempt's end was recorded: a server that lost the run does not get so far. */
export async function leaveDownloads(act: RunAct): Promise<void> {
  if (act.downloads !== null) await act.house.downloads.close(act.downloads);
  act.downloads = null;
}
