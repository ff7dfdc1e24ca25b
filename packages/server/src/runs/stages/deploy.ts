import { ended } from '@towpath/contract';
import { settledIn } from '../../domain/release/settled.ts';
import { failpoint } from '../../failpoints.ts';
import { type DeploymentRow, deploymentById, updateDeployment } from '../../store/deployments.ts';
import { runById, updateStage } from '../../store/runs.ts';
import { lockTarget, type Target, targetById, targetOf } from '../../store/targets.ts';
import { type Attempt, outcome, type StageOutcome, superseded } from '../act.ts';
import { barred } from '../barred.ts';
import { beforeDeploy } from '../before-deploy.ts';
import { keptLayers, nothingToStart, startsNothing } from '../settings.ts';
import { supersededBy } from '../supersede.ts';

/** Asks for the release and its deployment, in one transaction with the note that this stage waits for it; then waits for its end. */
export async function deploy(attempt: Attempt): Promise<StageOutcome> {
  const { act, stage } = attempt;
  const { house } = act;
  const row = (await act.stages()).find((each) => each.index === attempt.index);
  const known = row?.deploymentId ?? null;
  const target = await targetOf(house.db, act.service, stage.environment ?? '');
  const stopped = known === null ? (barred(target) ?? (await beforeDeploy(attempt))) : null;
  if (stopped !== null) return stopped;
  const asked = known ?? (await request(attempt, target));
  failpoint('deploy.requested');
  if (typeof asked !== 'number') return asked;
  const over = await house.changes.until('run', act.run.id, async () => {
    const deployment = await deploymentById(house.db, asked);
    if (ended.has(deployment.status)) return deployment;
    const run = await runById(house.db, act.run.id);
    if (run.cancelledBy !== null && deployment.cancelledBy === null) {
      await act.write((tx) => updateDeployment(tx, asked, { cancelledBy: run.cancelledBy }));
    }
    return null;
  });
  switch (over.status) {
    case 'succeeded':
      return outcome('succeeded');
    case 'superseded':
      return takenOver(attempt, over);
    case 'failed':
    case 'rolled_back':
    case 'cancelled':
      return outcome(over.status, over.reason);
    default:
      throw new Error(`deployment ${asked} ended as ${over.status}`);
  }
}

/** Names the run whose deployment took this one's place; one that a person asked for has none. */
async function takenOver({ act }: Attempt, { supersededBy: by, reason }: DeploymentRow): Promise<StageOutcome> {
  const { runId } = by === null ? { runId: null } : await deploymentById(act.house.db, by);
  return runId === null ? outcome('superseded', reason) : superseded(runId);
}

/** The deployment's id, or why there is none: a newer run, a hold. Looked at with the target locked, so that no rollback comes between. */
async function request(attempt: Attempt, target: Target): Promise<number | StageOutcome> {
  const { act, index } = attempt;
  const { house, run } = act;
  const { artifactDigest } = await runById(house.db, run.id);
  const { settings, config } = settledIn(await keptLayers(act), target.environment.name);
  if (artifactDigest === null) throw new Error(`run #${run.id} has nothing to deploy`);
  if (startsNothing(settings)) return outcome('failed', nothingToStart(act.service.name));
  return act.write(async (tx) => {
    const row = await lockTarget(tx, target.row.id);
    const by = await supersededBy(tx, run, row.id);
    if (by !== null) return superseded(by);
    const stopped = barred({ row, environment: (await targetById(tx, row.id)).environment });
    if (stopped !== null) return stopped;
    const deployment = await house.requestRelease(tx, {
      target,
      artifactDigest,
      commit: run.commit,
      runId: run.id,
      logKey: attempt.key,
      requestedBy: run.requestedBy,
      config,
      replicas: settings.replicas,
    });
    await updateStage(tx, run.id, index, { deploymentId: deployment.id });
    return deployment.id;
  });
}
