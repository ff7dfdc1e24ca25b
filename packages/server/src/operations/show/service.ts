import type { RecentTraffic, ServiceDetail, TargetView } from '@towpath/contract';
import type { ReplicaHealth } from '@towpath/contract/router';
import { releaseKey } from '../../domain/rollout/route.ts';
import { wholeCounts } from '../../rollouts/desired.ts';
import { openDeployments } from '../../store/deployments.ts';
import { listReleases, releaseById } from '../../store/releases.ts';
import { listRuns } from '../../store/runs.ts';
import { branchOf, repositoryOf, type ServiceRow } from '../../store/services.ts';
import { type Target, targetsOf } from '../../store/targets.ts';
import type { House } from '../house.ts';
import { releaseView, targetUrl } from './deployment.ts';
import { runSummary } from './run.ts';
import { trafficBoard } from './traffic.ts';

/**
 * One service with what runs where. Parts that are away leave their columns empty rather than fail the page. `board`: the traffic of all
 * targets, where several services are shown.
 */
export async function serviceDetail(
  house: House,
  service: ServiceRow,
  board?: ReadonlyMap<number, RecentTraffic>,
): Promise<ServiceDetail> {
  const [targets, [last], health, traffic] = await Promise.all([
    targetsOf(house.db, service.id),
    listRuns(house.db, { serviceId: service.id, limit: 1 }),
    routerHealth(house),
    board ?? trafficBoard(house.db, Date.now()),
  ]);
  return {
    project: service.project,
    name: service.name,
    settings: service.settings,
    gitUrl: `${house.config.controlUrl.replace(/\/$/, '')}/git/${repositoryOf(service)}.git`,
    environments: await Promise.all(
      targets.map(async (target) => ({
        ...(await targetView(house, target, health)),
        traffic: traffic.get(target.row.id) ?? null,
      })),
    ),
    lastRun: last === undefined ? null : runSummary(last, service),
  };
}

async function routerHealth(house: Pick<House, 'router'>): Promise<readonly ReplicaHealth[]> {
  return house.router.health().then(
    (answer) => answer.replicas,
    () => [],
  );
}

async function targetView(
  house: House,
  target: Target,
  health: readonly ReplicaHealth[],
): Promise<Omit<TargetView, 'traffic'>> {
  const { row } = target;
  const release = row.releaseId === null ? null : await releaseById(house.db, row.releaseId);
  const open = await openDeployments(house.db, row.id);
  const observed =
    row.releaseId === null && open.length === 0 ? [] : await house.platform.observe(`target/${row.id}`).catch(() => []);
  const versions = new Map(
    (await listReleases(house.db, row.id, 50)).map((each) => [releaseKey(each.id), each.version]),
  );
  return {
    environment: target.environment.name,
    branch: branchOf(target.environment, target.service),
    admission: target.environment.admission,
    url: targetUrl(house, target),
    release: release === null ? null : await releaseView(house.db, release, row.releaseId),
    replicas: release?.config.start === null ? 0 : row.replicas,
    workers: release === null ? {} : wholeCounts(target, release.config).workers,
    interrupts: release !== null && release.config.data !== null,
    running: observed
      .filter((each) => each.phase !== 'stopped')
      .map((each) => ({
        id: each.id,
        process: each.process,
        release: versions.get(each.release) ?? 0,
        phase: each.phase,
        health: health.find((known) => known.id === each.id)?.health ?? 'unknown',
        restarts: each.restarts,
        reason: each.reason,
      })),
    hold:
      row.heldBy === null || row.heldAt === null
        ? null
        : { by: row.heldBy, reason: row.heldReason, at: row.heldAt.toISOString() },
    deployment: open[0]?.id ?? null,
  };
}
