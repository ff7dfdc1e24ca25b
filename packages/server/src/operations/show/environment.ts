import type { EnvironmentView, RemovalPlan } from '@towpath/contract';
import type { Removable } from '../../domain/release/removal.ts';
import { runsBoundFor } from '../../store/bound-runs.ts';
import type { Db } from '../../store/connect.ts';
import { openDeployments } from '../../store/deployments.ts';
import { countReleases, readConfig, releaseById } from '../../store/releases.ts';
import type { EnvironmentRow } from '../../store/services.ts';
import { type Target, targetsIn } from '../../store/targets.ts';
import type { House } from '../house.ts';
import { releaseUrl, targetUrl } from './deployment.ts';

export async function environmentView(
  house: Pick<House, 'db' | 'config'>,
  project: string,
  environment: EnvironmentRow,
): Promise<EnvironmentView> {
  const live = [];
  for (const target of await targetsIn(house.db, environment.id)) {
    if (target.row.releaseId === null) continue;
    const release = await releaseById(house.db, target.row.releaseId);
    const { version, commit } = release;
    live.push({ service: target.service.name, version, commit, url: releaseUrl(house, target, release) });
  }
  return {
    project,
    name: environment.name,
    branch: environment.branch,
    deploy: environment.admission,
    approvalMs: environment.approvalMs,
    closing: environment.state === 'closing',
    live,
  };
}

/** What would be lost of a target, as of the transaction that asks. */
export async function removable(db: Db, house: Pick<House, 'config'>, target: Target): Promise<Removable> {
  const { row, service, environment } = target;
  const [release, open, entries, releases, runs] = [
    row.releaseId === null ? null : await releaseById(db, row.releaseId),
    await openDeployments(db, row.id),
    await readConfig(db, row.id),
    await countReleases(db, row.id),
    await runsBoundFor(db, service.id, environment.name),
  ];
  return {
    name: confirmation(target),
    url: targetUrl(house, target),
    live: release?.version ?? null,
    replicas: row.replicas,
    underWay: open.filter((each) => each.cause !== 'teardown').map((each) => each.id),
    config: entries.filter((each) => each.sealed === null).length,
    secrets: entries.filter((each) => each.sealed !== null).length,
    releases,
    runs,
  };
}

/** What is repeated by whoever means it: `api/staging`. */
export const confirmation = ({ service, environment }: Pick<Target, 'service' | 'environment'>): string =>
  `${service.name}/${environment.name}`;

/** The plan as a refusal tells it. */
export function told({ confirm, removes, keeps, notes }: RemovalPlan): string {
  return [
    `this removes ${removes.join('; ')}`,
    `it keeps ${keeps.join('; ')}`,
    ...notes,
    `repeat "${confirm}" to confirm`,
  ].join('. ');
}
