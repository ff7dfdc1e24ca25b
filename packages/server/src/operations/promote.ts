import { type DeploymentView, TowpathError } from '@towpath/contract';
import { settledIn } from '../domain/release/settled.ts';
import { requestRelease } from '../rollouts/request.ts';
import { layersOf, nothingToStart, startsNothing } from '../runs/settings.ts';
import type { Db } from '../store/connect.ts';
import { transaction } from '../store/connect.ts';
import { type DeploymentRow, updateDeployment, writeLedger } from '../store/deployments.ts';
import { environmentsOf } from '../store/environments.ts';
import { artifactByDigest, releaseByVersion, runThatBuilt } from '../store/releases.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { findTarget, liveRelease, type TargetReference, takeTarget } from './target.ts';

export interface Promotion extends TargetReference {
  /** The environment whose release is taken; by default the one before in the path. */
  readonly from?: string | undefined;
  readonly version?: number | undefined;
}

/**
 * Brings another environment's release here: the same artifact, with the settings and the config of this environment, as the run that
 * built it would have released it here. A person asked: a hold does not stop it.
 */
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
    const run = await runThatBuilt(db, target.service.id, release);
    const settled = run === null ? null : settledIn(layersOf(run), input.environment);
    if (settled !== null && startsNothing(settled.settings)) {
      const why = `nothing to start in ${input.environment}`;
      throw new TowpathError('bad_request', nothingToStart(target.service.name, why));
    }
    const { variables: _, ...before } = release.config;
    const { deployment } = await requestRelease(db, house.secrets, {
      target,
      artifactDigest: release.artifactDigest,
      commit: release.commit,
      cause: 'promote',
      runId: null,
      requestedBy: actor.name,
      config: settled?.config ?? before,
      ...(settled === null ? {} : { replicas: settled.settings.replicas }),
    });
    if (settled === null) await tellForgotten(db, deployment, `v${release.version}`, from);
    return deployment.id;
  });
  return deploymentView(house, id);
});

/** For whoever waits for it, and for the record: it comes with what was meant for another environment. */
async function tellForgotten(db: Db, deployment: DeploymentRow, version: string, from: string): Promise<void> {
  const reason = `the run that built ${version} is not known any more: it comes with the settings that it has in ${from}`;
  await updateDeployment(db, deployment.id, { reason: `${deployment.reason}; ${reason}` });
  await writeLedger(db, deployment.id, deployment.step, 'settings', { reason });
}
