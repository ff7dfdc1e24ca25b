import { type DeploymentView, TowpathError } from '@towpath/contract';
import { requestRelease } from '../rollouts/request.ts';
import { transaction } from '../store/connect.ts';
import { environmentsOf } from '../store/environments.ts';
import { artifactByDigest, releaseByVersion } from '../store/releases.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { findTarget, liveRelease, type TargetReference, takeTarget } from './target.ts';

export interface Promotion extends TargetReference {
  /** The environment whose release is taken; by default the one before in the path. */
  readonly from?: string | undefined;
  readonly version?: number | undefined;
}

/** Brings another environment's release here: the same artifact with this environment's config. A person asked: a hold does not stop it. */
export const promote = operation('promote', async (house, actor, input: Promotion): Promise<DeploymentView> => {
  const id = await transaction(house.db, async (db) => {
    const target = await takeTarget(db, input);
    const environments = await environmentsOf(db, target.service.projectId);
    const position = environments.findIndex((each) => each.name === input.environment);
    const from = input.from ?? environments[position - 1]?.name;
    if (from === undefined) {
      throw new TowpathError('bad_request', `no environment stands before ${input.environment}: name one with --from`);
    }
    if (from === input.environment) throw new TowpathError('bad_request', `${from} cannot be promoted to itself`);
    const source = await findTarget(db, { service: input.service, environment: from });
    const release =
      input.version === undefined ? await liveRelease(db, source) : await releaseByVersion(db, source, input.version);
    await artifactByDigest(db, release.artifactDigest);
    const { variables: _, ...config } = release.config;
    const { deployment } = await requestRelease(db, house.secrets, {
      target,
      artifactDigest: release.artifactDigest,
      commit: release.commit,
      cause: 'promote',
      runId: null,
      requestedBy: actor.name,
      config,
    });
    return deployment.id;
  });
  return deploymentView(house, id);
});
