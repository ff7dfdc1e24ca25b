import { type DeploymentCause, type ReleaseCause, settingDefaults } from '@towpath/contract';
import type { ReleaseConfig, ReleaseConfigInput } from '../domain/release/config.ts';
import {
  interruption,
  interrupts,
  planRollout,
  policyFor,
  type RolloutStep,
  teardownSteps,
} from '../domain/rollout/plan.ts';
import type { Db } from '../store/connect.ts';
import { type DeploymentRow, insertDeployment } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { countReleases, insertRelease, type ReleaseRow, readConfig } from '../store/releases.ts';
import { lockTarget, setReplicas, type Target } from '../store/targets.ts';
import { releaseSecretsContext, targetScope } from './desired.ts';
import type { Sealer } from './house.ts';

/** Who goes first when several wait for one target: a person's way back, or out, goes ahead of everything. */
const priorities: Record<DeploymentCause, number> = {
  scale: 0,
  run: 0,
  config: 0,
  promote: 10,
  rollback: 100,
  teardown: 100,
};

export interface ReleaseRequest {
  readonly target: Target;
  readonly artifactDigest: string;
  readonly commit: string;
  readonly cause: ReleaseCause;
  readonly runId: number | null;
  /** Of a run: the log of the stage that asks for it. */
  readonly logKey?: string;
  readonly requestedBy: string;
  /** What starts the service; its variables are taken from the target's config as it is now. */
  readonly config: Omit<ReleaseConfigInput, 'variables'>;
  /** Of http, should it be the first release there: later `towpath scale` has the word. */
  readonly replicas?: number;
  /** A rollback copies config and secrets of the release that it goes back to. */
  readonly copy?: ReleaseRow;
}

/** The context that one config entry is sealed for. */
export const entryContext = (targetId: number, key: string): string => `${targetScope(targetId)}/${key}`;

/** A new release and the deployment that makes it live, written in the caller's transaction: both are there or none. */
export async function requestRelease(
  db: Db,
  secrets: Sealer,
  request: ReleaseRequest,
): Promise<{ release: ReleaseRow; deployment: DeploymentRow }> {
  const { target, copy } = request;
  const targetId = target.row.id;
  const { replicas } = await lockTarget(db, targetId);
  if (request.replicas !== undefined && replicas === settingDefaults.replicas && (await isFirst(db, targetId))) {
    await setReplicas(db, targetId, request.replicas);
  }
  const today = copy === undefined ? await configNow(db, secrets, targetId) : null;
  const release = await insertRelease(db, {
    targetId,
    artifactDigest: request.artifactDigest,
    commit: request.commit,
    config: { ...request.config, variables: today === null ? (copy?.config.variables ?? {}) : today.variables },
    sealed:
      today === null && copy !== undefined
        ? copy.sealed
        : secrets.seal(releaseSecretsContext(targetId), JSON.stringify(today?.secrets ?? {})),
    cause: request.cause,
    copiedFrom: copy?.id ?? null,
    runId: request.runId,
    createdBy: request.requestedBy,
  });
  await appendEvent(db, {
    name: 'release.created',
    actor: request.requestedBy,
    subject: targetScope(targetId),
    data: { version: release.version, artifact: release.artifactDigest, cause: release.cause },
  });
  const deployment = await requestDeployment(db, {
    target,
    release,
    cause: request.cause,
    runId: request.runId,
    ...logOf(request),
    requestedBy: request.requestedBy,
  });
  return { release, deployment };
}

const logOf = ({ logKey }: { readonly logKey?: string }) => (logKey === undefined ? {} : { logKey });

const isFirst = async (db: Db, targetId: number): Promise<boolean> => (await countReleases(db, targetId)) === 0;

/** How a release comes live, as its deployment's row has it; when it interrupts, people are told before it begins. */
export function rolloutOf(
  cause: DeploymentCause,
  config: ReleaseConfig,
): { strategy: string; plan: RolloutStep[]; reason: string } {
  const wait = 'waits for its turn';
  if (cause === 'teardown') return { strategy: cause, plan: [...teardownSteps], reason: wait };
  const policy = policyFor(cause, config);
  const plan = planRollout(policy);
  return { strategy: policy.strategy, plan, reason: interrupts(plan) ? `${wait}; ${interruption}` : wait };
}

/** A deployment of a release that is there already: to change the number of its replicas, or to take it away. */
export async function requestDeployment(
  db: Db,
  request: {
    target: Target;
    release: Pick<ReleaseRow, 'id' | 'config'>;
    cause: DeploymentCause;
    runId: number | null;
    logKey?: string;
    requestedBy: string;
  },
): Promise<DeploymentRow> {
  return insertDeployment(db, {
    targetId: request.target.row.id,
    releaseId: request.release.id,
    runId: request.runId,
    ...logOf(request),
    cause: request.cause,
    priority: priorities[request.cause],
    ...rolloutOf(request.cause, request.release.config),
    requestedBy: request.requestedBy,
  });
}

async function configNow(
  db: Db,
  secrets: Sealer,
  targetId: number,
): Promise<{ variables: Record<string, string>; secrets: Record<string, string> }> {
  const variables: Record<string, string> = {};
  const opened: Record<string, string> = {};
  for (const entry of await readConfig(db, targetId)) {
    if (entry.sealed !== null) opened[entry.key] = secrets.open(entryContext(targetId, entry.key), entry.sealed);
    else if (entry.value !== null) variables[entry.key] = entry.value;
  }
  return { variables, secrets: opened };
}
