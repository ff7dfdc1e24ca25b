import type { RecentTraffic, ServiceDetail, TargetView } from '@towpath/contract';
import type { ReplicaHealth } from '@towpath/contract/router';
import { releaseId } from '../../domain/rollout/route.ts';
import type { ObservedReplica } from '../../platforms/platform.ts';
import { wholeCounts } from '../../rollouts/desired.ts';
import { openDeployments } from '../../store/deployments.ts';
import { type ReleaseRow, releasesById } from '../../store/releases.ts';
import { newestRuns } from '../../store/run-list.ts';
import { branchOf, repositoryOf, type ServiceRow } from '../../store/services.ts';
import { type ShownTarget, shownTargets } from '../../store/targets.ts';
import type { House } from '../house.ts';
import { releaseView, targetUrl } from './deployment.ts';
import { runSummary } from './run.ts';
import { trafficBoard } from './traffic.ts';

/** One service with what runs where. Parts that are away leave their columns empty rather than fail the page. */
export async function serviceDetail(house: House, service: ServiceRow): Promise<ServiceDetail> {
  const [detail] = await serviceDetails(house, [service]);
  if (detail === undefined) throw new Error(`${service.name} has no view`);
  return detail;
}

/** The same of many, with as many questions as for one. */
export async function serviceDetails(house: House, services: readonly ServiceRow[]): Promise<ServiceDetail[]> {
  const { db } = house;
  const ids = services.map(({ id }) => id);
  const [targets, last, health, open, observed, traffic] = await Promise.all([
    shownTargets(db, services),
    newestRuns(db, ids),
    house.router.health().then(
      ({ replicas }) => new Map(replicas.map((each) => [each.id, each.health])),
      () => new Map<string, ReplicaHealth['health']>(),
    ),
    openDeployments(db),
    observedBy(house, services),
    trafficBoard(db, Date.now()),
  ]);
  const running = targets.flatMap(({ row }) => observed.get(`target/${row.id}`) ?? []);
  const live = await releasesById(db, [
    ...targets.map(({ row }) => row.releaseId),
    ...running.map(({ release }) => releaseId(release)),
  ]);
  const copied = await releasesById(
    db,
    [...live.values()].map(({ copiedFrom }) => copiedFrom),
  );
  const lastRuns = new Map(last.map((run) => [run.serviceId, run]));
  const deployments = new Map(open.toReversed().map(({ targetId, id }) => [targetId, id]));
  const targetsByService = Map.groupBy(targets, ({ row }) => row.serviceId);
  const known: Known = { releases: new Map([...copied, ...live]), health, deployments, observed, traffic };
  return services.map((service) => {
    const run = lastRuns.get(service.id);
    return {
      project: service.project,
      name: service.name,
      settings: service.settings,
      gitUrl: `${house.config.controlUrl.replace(/\/$/, '')}/git/${repositoryOf(service)}.git`,
      environments: (targetsByService.get(service.id) ?? []).map((target) => targetView(house, target, known)),
      lastRun: run === undefined ? null : runSummary(run, service),
    };
  });
}

/** Of one service its own replicas are looked at, of several all that there are. */
async function observedBy(
  { db, platform }: House,
  services: readonly ServiceRow[],
): Promise<ReadonlyMap<string, readonly ObservedReplica[]>> {
  try {
    const [only, ...others] = services;
    if (only === undefined || others.length > 0) return await platform.observeAll();
    const targets = (await shownTargets(db, [only])).map(({ row }) => `target/${row.id}`);
    return new Map(await Promise.all(targets.map(async (each) => [each, await platform.observe(each)] as const)));
  } catch {
    return new Map();
  }
}

interface Known {
  readonly releases: ReadonlyMap<number, ReleaseRow>;
  readonly health: ReadonlyMap<string, ReplicaHealth['health']>;
  /** The deployment under way, by target. */
  readonly deployments: ReadonlyMap<number, number>;
  readonly observed: ReadonlyMap<string, readonly ObservedReplica[]>;
  readonly traffic: ReadonlyMap<number, RecentTraffic>;
}

function targetView(
  house: House,
  target: ShownTarget,
  { releases, health, deployments, observed, traffic }: Known,
): TargetView {
  const { row } = target;
  const release = row.releaseId === null ? null : (releases.get(row.releaseId) ?? null);
  return {
    environment: target.environment.name,
    branch: branchOf(target.environment, target.service),
    admission: target.environment.admission,
    url: targetUrl(house, target),
    release: release === null ? null : releaseView(release, true, releases),
    replicas: release?.config.start === null ? 0 : row.replicas,
    workers: release === null ? {} : wholeCounts(target, release.config).workers,
    interrupts: release !== null && release.config.data !== null,
    running: (observed.get(`target/${row.id}`) ?? [])
      .filter((each) => each.phase !== 'stopped')
      .map((each) => ({
        id: each.id,
        process: each.process,
        release: releases.get(releaseId(each.release))?.version ?? 0,
        phase: each.phase,
        health: health.get(each.id) ?? 'unknown',
        restarts: each.restarts,
        reason: each.reason,
      })),
    hold:
      row.heldBy === null || row.heldAt === null
        ? null
        : { by: row.heldBy, reason: row.heldReason, at: row.heldAt.toISOString() },
    deployment: deployments.get(row.id) ?? null,
    traffic: traffic.get(row.id) ?? null,
  };
}
