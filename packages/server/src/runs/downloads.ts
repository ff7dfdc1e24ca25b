import type { OpenDownloads, RunAct } from './act.ts';
import { scopesOf } from './scopes.ts';
import { settingsOf } from './settings.ts';

/** How long commands may wait for their turn with the folders kept: the run leaves them itself, unless all servers are gone. */
const queueMs = 24 * 3_600_000;

/**
 * Variables that lead package managers to the download caches of the run's scope. They are kept for the run from its first command until its
 * segment ends: looking for them again for each stage took longer than many a command.
 */
export function downloadsOf(act: RunAct): Promise<Readonly<Record<string, string>>> {
  act.downloads ??= open(act).catch((error: unknown) => {
    act.downloads = null;
    throw error;
  });
  return act.downloads.then(({ variables }) => variables);
}

async function open(act: RunAct): Promise<OpenDownloads> {
  const { writes: scope } = await scopesOf(act);
  const { settings } = await settingsOf(act);
  const use = { scope, run: act.run.id, key: `${act.claim.scope} ${act.claim.epoch}` };
  const holdMs = (settings.stageMs ?? 0) * act.plan.length + queueMs;
  return { use, variables: await act.house.downloads.open(use, holdMs) };
}

/** Only once the ends of its stages are recorded: a server that lost the run does not get so far. */
export async function leaveDownloads(act: RunAct): Promise<void> {
  if (act.downloads !== null) await act.house.downloads.close((await act.downloads).use);
}
