import type { DeploymentView, ReleaseView } from '@towpath/contract';
import { hostNames } from '../../domain/rollout/route.ts';
import type { Db } from '../../store/connect.ts';
import { deploymentById, readLedger } from '../../store/deployments.ts';
import { type ReleaseRow, releaseById } from '../../store/releases.ts';
import { type Target, targetById } from '../../store/targets.ts';
import type { House } from '../house.ts';
import { iso } from './run.ts';

/** Where people reach a service in an environment. */
export function targetUrl(house: Pick<House, 'config'>, target: Target): string {
  const { host } = hostNames(target.service.name, target.environment.name, house.config.domain);
  const url = new URL(house.config.appsUrl);
  url.hostname = host;
  return url.href.replace(/\/$/, '');
}

/** Where people reach a release there; null for one of workers only. */
export const releaseUrl = (
  house: Pick<House, 'config'>,
  target: Target,
  { config }: Pick<ReleaseRow, 'config'>,
): string | null => (config.start === null ? null : targetUrl(house, target));

export async function deploymentView(house: Pick<House, 'db' | 'config'>, id: number): Promise<DeploymentView> {
  const row = await deploymentById(house.db, id);
  const [target, release, ledger] = await Promise.all([
    targetById(house.db, row.targetId),
    releaseById(house.db, row.releaseId),
    readLedger(house.db, id),
  ]);
  const from = row.fromReleaseId === null ? null : await releaseById(house.db, row.fromReleaseId);
  return {
    deployment: row.id,
    project: target.project,
    service: target.service.name,
    environment: target.environment.name,
    version: release.version,
    fromVersion: from?.version ?? null,
    artifact: release.artifactDigest,
    commit: release.commit,
    cause: row.cause,
    run: row.runId,
    strategy: row.strategy,
    steps: row.plan.map((step) => step.kind),
    status: row.status,
    reason: row.reason,
    maxWeight: row.maxWeight,
    requestedBy: row.requestedBy,
    url: releaseUrl(house, target, release),
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    ledger: ledger.map((each) => ({ step: each.step, what: each.what, data: each.data, at: each.at.toISOString() })),
  };
}

export async function releaseView(db: Db, release: ReleaseRow, liveId: number | null): Promise<ReleaseView> {
  const copied = release.copiedFrom === null ? null : await releaseById(db, release.copiedFrom);
  return {
    version: release.version,
    live: release.id === liveId,
    artifact: release.artifactDigest,
    commit: release.commit,
    cause: release.cause,
    copiedFrom: copied?.version ?? null,
    run: release.runId,
    createdBy: release.createdBy,
    createdAt: release.createdAt.toISOString(),
  };
}
