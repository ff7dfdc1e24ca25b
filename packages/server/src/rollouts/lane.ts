import type { DeploymentCause } from '@towpath/contract';
import { admitDeployments } from '../domain/admission/deployments.ts';
import type { Lane } from '../engine/dispatcher.ts';
import type { Engine } from '../engine/engine.ts';
import { failpoint } from '../failpoints.ts';
import type { Topic } from '../store/changes.ts';
import { type Db, transaction } from '../store/connect.ts';
import { type DeploymentRow, endDeployment, openDeployments, updateDeployment } from '../store/deployments.ts';
import { dispatchLock } from '../store/dispatch-lock.ts';
import { appendEvent } from '../store/events.ts';
import { insertRelease, releaseById } from '../store/releases.ts';
import { lockTarget } from '../store/targets.ts';
import { rolloutOf } from './request.ts';
import { deploymentWorkflowId } from './workflow.ts';

/** Starts queued deployments, one at a time for a target, and those whose start a crash swallowed. */
export function deploymentLane(db: Db, engine: Engine): Lane<Topic> {
  return {
    name: 'deployments',
    topics: ['deployment-queue'],
    async dispatch() {
      const open = await openDeployments(db);
      // With nothing to decide nobody needs the lock: the common case, each second.
      const running = open.some((row) => row.status === 'queued') ? await transaction(db, admit) : open;
      failpoint('deployment.admitted');
      const missing = new Set(await engine.unknown(running.map((each) => deploymentWorkflowId(each.id))));
      for (const { id } of running) {
        if (missing.has(deploymentWorkflowId(id)))
          await engine.start('deployment', deploymentWorkflowId(id), { deployment: id });
      }
    },
  };
}

/** Writes what the rules decide, one server at a time. Answers with all deployments in progress. */
async function admit(tx: Db): Promise<DeploymentRow[]> {
  await dispatchLock(tx, 'deployments');
  const open = await openDeployments(tx);
  const decision = admitDeployments(
    open.map((row) => ({
      id: row.id,
      target: row.targetId,
      cause: row.cause,
      priority: row.priority,
      status: row.status,
      interrupted: row.supersededBy !== null || row.cancelledBy !== null,
    })),
  );
  for (const { id, by } of decision.supersede) {
    await endDeployment(tx, id, { status: 'superseded', reason: `superseded by deployment ${by}`, supersededBy: by });
  }
  const byId = new Map(open.map((row) => [row.id, row]));
  for (const id of decision.cancel) {
    await endDeployment(tx, id, { status: 'cancelled', reason: `cancelled by ${byId.get(id)?.cancelledBy}` });
  }
  for (const { id, by } of decision.abort) await updateDeployment(tx, id, { supersededBy: by });
  const started: DeploymentRow[] = [];
  for (const id of decision.start) {
    const row = byId.get(id);
    if (row !== undefined) started.push(await begin(tx, row));
  }
  return [...open.filter((row) => row.status === 'running'), ...started];
}

/** They bring no release of their own. */
const changesWhatIsLive: ReadonlySet<DeploymentCause> = new Set<DeploymentCause>(['scale', 'teardown']);

async function begin(tx: Db, row: DeploymentRow): Promise<DeploymentRow> {
  const target = await lockTarget(tx, row.targetId);
  const releaseId = row.cause === 'config' ? await onLiveArtifact(tx, row, target.releaseId) : row.releaseId;
  await appendEvent(tx, {
    name: 'deployment.started',
    actor: 'towpath',
    subject: `deployment/${row.id}`,
    data: { from: target.releaseId },
  });
  // On another artifact than it was asked for, it goes as that one's settings say.
  const rollout = releaseId === row.releaseId ? {} : rolloutOf(row.cause, (await releaseById(tx, releaseId)).config);
  return updateDeployment(tx, row.id, {
    ...rollout,
    status: 'running',
    reason: null,
    startedAt: new Date(),
    releaseId: changesWhatIsLive.has(row.cause) ? (target.releaseId ?? row.releaseId) : releaseId,
    fromReleaseId: target.releaseId,
  });
}

/**
 * A change of config was made for the release that was on its way then. When that one did not get live, the change goes to what is:
 * as a release of its own, since releases never change.
 */
async function onLiveArtifact(tx: Db, row: DeploymentRow, liveId: number | null): Promise<number> {
  if (liveId === null) return row.releaseId;
  const [wanted, live] = [await releaseById(tx, row.releaseId), await releaseById(tx, liveId)];
  if (wanted.artifactDigest === live.artifactDigest) return row.releaseId;
  const { id: _, version: __, createdAt: ___, ...copy } = wanted;
  const config = { ...live.config, variables: wanted.config.variables };
  const made = await insertRelease(tx, { ...copy, artifactDigest: live.artifactDigest, commit: live.commit, config });
  return made.id;
}
