import { isAway } from '../store/away.ts';
import { newestPushOf, type RunRow } from '../store/runs.ts';
import { listServices, repositoryOf, type ServiceRow } from '../store/services.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { queuePush, type Unwanted } from './start-run.ts';

/** A branch that moved gives a run, unless the settings say that it starts none. */
export const push = operation(
  'push',
  async (house, actor, input: { service: ServiceRow; branch: string; commit: string }): Promise<RunRow | Unwanted> =>
    queuePush(house, { ...input, trigger: 'push', requestedBy: actor.name }),
);

/**
 * A push moves the branch before its run is written: a server that died in between left a branch without one. Gives each such branch
 * its run. A repository that cannot be read is told of, and keeps no other from its runs.
 */
export async function reconcilePushes(
  house: House,
  failed: (repository: string, error: unknown) => void,
): Promise<RunRow[]> {
  const started: RunRow[] = [];
  for (const service of await listServices(house.db)) {
    try {
      started.push(...(await reconcile(house, service)));
    } catch (error) {
      if (isAway(error)) throw error;
      failed(repositoryOf(service), error);
    }
  }
  return started;
}

async function reconcile(house: House, service: ServiceRow): Promise<RunRow[]> {
  const started: RunRow[] = [];
  for (const { branch, commit } of await house.source.branches(repositoryOf(service))) {
    const newest = await newestPushOf(house.db, service.id, branch);
    if (newest?.commit === commit) continue;
    const run = await queuePush(house, { service, branch, commit, trigger: 'reconcile', requestedBy: 'towpath' });
    if (!('unwanted' in run)) started.push(run);
  }
  return started;
}
