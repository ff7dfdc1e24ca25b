import { type DeploymentView, TowpathError } from '@towpath/contract';
import { rollbackTo } from '../domain/release/rollback.ts';
import { failpoint } from '../failpoints.ts';
import { requestRelease } from '../rollouts/request.ts';
import type { Db } from '../store/connect.ts';
import { transaction } from '../store/connect.ts';
import { liveHistory, openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { artifactByDigest, listReleases, type ReleaseRow, releaseById } from '../store/releases.ts';
import type { Target } from '../store/targets.ts';
import { setHold } from '../store/targets.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { liveRelease, type TargetReference, takeTarget } from './target.ts';

export interface Rollback extends TargetReference {
  readonly version?: number | undefined;
  /** The start of a commit id: the newest release of it. */
  readonly commit?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * A new release with the artifact, config and secrets of an earlier one: nothing is built. It goes ahead of every other deployment, and
 * the environment is held, so that the next push does not undo it.
 */
export const rollback = operation('rollback', async (house, actor, input: Rollback): Promise<DeploymentView> => {
  const id = await transaction(house.db, async (db) => {
    const target = await takeTarget(db, input);
    const copy = await wanted(db, target, input);
    await artifactByDigest(db, copy.artifactDigest);
    const { variables: _, ...config } = copy.config;
    const { deployment } = await requestRelease(db, house.secrets, {
      target,
      artifactDigest: copy.artifactDigest,
      commit: copy.commit,
      cause: 'rollback',
      runId: null,
      requestedBy: actor.name,
      config,
      copy,
    });
    const reason = input.reason ?? `rolled back to v${copy.version}`;
    await setHold(db, target.row.id, { by: actor.name, reason });
    await appendEvent(db, {
      name: 'target.held',
      actor: actor.name,
      subject: `target/${target.row.id}`,
      data: { reason },
    });
    return deployment.id;
  });
  failpoint('rollback.recorded');
  return deploymentView(house, id);
});

async function wanted(db: Db, target: Target, input: Rollback): Promise<ReleaseRow> {
  const live = await liveRelease(db, target);
  const coming = (await openDeployments(db, target.row.id)).filter((row) => row.cause !== 'scale');
  // Who goes back while a release is being shifted to means that one, as soon as users get it.
  const arrived = coming.find((row) => row.status === 'running' && row.maxWeight > 0);
  const current = arrived === undefined ? live : await releaseById(db, arrived.releaseId);
  const releases = await listReleases(db, target.row.id, 1_000);
  const history = await liveHistory(db, target.row.id);
  const found = rollbackTo(releases, history, current, input, coming.length === 0);
  if (found.release !== null) return found.release;
  throw new TowpathError(found.code, `${target.service.name} in ${target.environment.name}: ${found.reason}`);
}
