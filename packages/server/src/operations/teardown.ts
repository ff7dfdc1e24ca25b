import { type DeploymentView, type RemovalPlan, TowpathError } from '@towpath/contract';
import { describeTeardown, isLive } from '../domain/release/removal.ts';
import { requestDeployment } from '../rollouts/request.ts';
import { type Db, transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { releaseById, removeAllConfig } from '../store/releases.ts';
import type { Target } from '../store/targets.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { confirmation, removable, told } from './show/environment.ts';
import { findTarget, type TargetReference, takeTarget } from './target.ts';

interface Teardown extends TargetReference {
  /** Config and secrets go, too. */
  readonly config: boolean;
}

/** What a teardown would remove; changes nothing. */
export const planTeardown = operation(
  'read',
  async (house, _actor, input: Teardown): Promise<RemovalPlan> =>
    plan(house.db, house, await findTarget(house.db, input), input.config),
);

/**
 * Takes what is live out of the routes, lets it finish its requests and stops it: a deployment like any other, which goes ahead of all that
 * is under way there. What comes later (a push, a promotion) deploys anew. Who does not repeat the name is told what would go.
 */
export const teardown = operation(
  'teardown',
  async (house, actor, input: Teardown & { confirm?: string | undefined }): Promise<DeploymentView> => {
    const id = await transaction(house.db, async (db) => {
      const target = await takeTarget(db, input);
      const facts = await removable(db, house, target);
      if (!isLive(facts)) {
        throw new TowpathError(
          'no_release',
          `nothing of ${target.service.name} is live in ${target.environment.name}`,
          {
            help: 'Nothing to do. What is live where: `towpath status`.',
          },
        );
      }
      if (input.confirm !== facts.name && input.confirm !== `${target.project}/${facts.name}`) {
        throw new TowpathError('not_confirmed', told(await plan(db, house, target, input.config)));
      }
      if (input.config) await removeAllConfig(db, target.row.id);
      return queueTeardown(db, target, actor.name, { config: input.config });
    });
    return deploymentView(house, id);
  },
);

/** Writes the intention: the deployment that takes a target away. Call it with the target locked. */
export async function queueTeardown(db: Db, target: Target, by: string, data: object): Promise<number> {
  const open = await openDeployments(db, target.row.id);
  const again = open.find((each) => each.cause === 'teardown' && each === open.at(-1));
  if (again !== undefined) return again.id;
  const releaseId = target.row.releaseId ?? open.at(-1)?.releaseId;
  if (releaseId === undefined) throw new Error(`${confirmation(target)} has nothing to tear down`);
  await appendEvent(db, {
    name: 'target.torn_down',
    actor: by,
    subject: `target/${target.row.id}`,
    data: { ...data },
  });
  const release = await releaseById(db, releaseId);
  return (await requestDeployment(db, { target, release, cause: 'teardown', runId: null, requestedBy: by })).id;
}

async function plan(db: Db, house: House, target: Target, config: boolean): Promise<RemovalPlan> {
  const facts = await removable(db, house, target);
  return { confirm: facts.name, live: isLive(facts), ...describeTeardown(facts, { config }) };
}
