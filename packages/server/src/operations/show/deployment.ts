import type { DeploymentView, ReleaseView } from '@towpath/contract';
import { hostNames } from '../../domain/rollout/route.ts';
import type { Db } from '../../store/connect.ts';
import { type DeploymentRow, deploymentById, type LedgerRow, readLedgers } from '../../store/deployments.ts';
import { type ReleaseRow, releasesById } from '../../store/releases.ts';
import { type Target, targetsById } from '../../store/targets.ts';
import type { House } from '../house.ts';
import { iso } from './run.ts';

interface NamedTarget {
  readonly service: { readonly name: string };
  readonly environment: { readonly name: string };
}

/** Where people reach a service in an environment. */
export function targetUrl(house: Pick<House, 'config'>, target: NamedTarget): string {
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
  const [view] = await deploymentViews(house, [await deploymentById(house.db, id)]);
  if (view === undefined) throw new Error(`deployment ${id} has no target or no release`);
  return view;
}

export async function deploymentViews(
  house: Pick<House, 'db' | 'config'>,
  rows: readonly DeploymentRow[],
): Promise<DeploymentView[]> {
  const { db } = house;
  const [targets, releases, ledgers] = await Promise.all([
    targetsById(
      db,
      rows.map(({ targetId }) => targetId),
    ),
    releasesById(
      db,
      rows.flatMap(({ releaseId, fromReleaseId }) => [releaseId, fromReleaseId]),
    ),
    readLedgers(
      db,
      rows.map(({ id }) => id),
    ),
  ]);
  return rows.flatMap((row) => {
    const [target, release] = [targets.get(row.targetId), releases.get(row.releaseId)];
    if (target === undefined || release === undefined) return [];
    const from = row.fromReleaseId === null ? undefined : releases.get(row.fromReleaseId);
    return [wholeView(house, row, { target, release, from, ledger: ledgers[row.id] ?? [] })];
  });
}

interface Around {
  readonly target: Target;
  readonly release: ReleaseRow;
  readonly from: ReleaseRow | undefined;
  readonly ledger: readonly LedgerRow[];
}

function wholeView(house: Pick<House, 'config'>, row: DeploymentRow, around: Around): DeploymentView {
  const { target, release, from, ledger } = around;
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

/** With the version that each was copied from. */
export async function releaseViews(
  db: Db,
  releases: readonly ReleaseRow[],
  isLive: (release: ReleaseRow) => boolean,
): Promise<ReleaseView[]> {
  const copied = await releasesById(
    db,
    releases.map(({ copiedFrom }) => copiedFrom),
  );
  return releases.map((release) => releaseView(release, isLive(release), copied));
}

export function releaseView(release: ReleaseRow, live: boolean, others: ReadonlyMap<number, ReleaseRow>): ReleaseView {
  const copied = release.copiedFrom === null ? undefined : others.get(release.copiedFrom);
  return {
    version: release.version,
    live,
    artifact: release.artifactDigest,
    commit: release.commit,
    cause: release.cause,
    copiedFrom: copied?.version ?? null,
    run: release.runId,
    createdBy: release.createdBy,
    createdAt: release.createdAt.toISOString(),
  };
}
