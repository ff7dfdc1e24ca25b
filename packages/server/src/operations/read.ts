import {
  type DeploymentView,
  ended,
  type ReleaseView,
  type RunDetail,
  type RunSummary,
  type ServiceDetail,
  type Status,
  type SystemHealth,
} from '@towpath/contract';
import { deploymentById, listDeployments as deploymentsOf } from '../store/deployments.ts';
import { listReleases as releasesOf } from '../store/releases.ts';
import { runById, listRuns as runsOf } from '../store/runs.ts';
import { findService, listServices, type ServiceRow } from '../store/services.ts';
import { targetsOf } from '../store/targets.ts';
import { version } from '../version.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { deploymentView, releaseView } from './show/deployment.ts';
import { runDetail, runSummary } from './show/run.ts';
import { serviceDetail } from './show/service.ts';
import { findTarget, type TargetReference } from './target.ts';
import { untilOver } from './until.ts';

export function systemHealth(house: Pick<House, 'config' | 'problems'>): SystemHealth {
  const problems = house.problems();
  return { ok: problems.length === 0, name: house.config.name, version, pid: process.pid, problems };
}

export const status = operation(
  'read',
  async (house): Promise<{ system: SystemHealth; services: ServiceDetail[]; waiting: RunSummary[] }> => {
    const services = await listServices(house.db);
    const byId = new Map(services.map((each) => [each.id, each]));
    const waiting = await runsOf(house.db, { status: 'waiting', limit: 200 });
    return {
      system: systemHealth(house),
      services: await Promise.all(services.map((each) => serviceDetail(house, each))),
      waiting: waiting.flatMap((run) => summaryWith(byId, run)),
    };
  },
);

function summaryWith(services: ReadonlyMap<number, ServiceRow>, run: Parameters<typeof runSummary>[0]): RunSummary[] {
  const service = services.get(run.serviceId);
  return service === undefined ? [] : [runSummary(run, service)];
}

export const getService = operation(
  'read',
  async (house, _actor, input: { service: string }): Promise<ServiceDetail> =>
    serviceDetail(house, await findService(house.db, input.service)),
);

export interface RunQuery {
  readonly service?: string | undefined;
  readonly status?: Status | undefined;
  readonly branch?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

export const listRuns = operation(
  'read',
  async (house, _actor, input: RunQuery): Promise<{ runs: RunSummary[]; next: number | null }> => {
    const { service, ...filter } = input;
    const serviceId = service === undefined ? undefined : (await findService(house.db, service)).id;
    const rows = await runsOf(house.db, { ...filter, serviceId });
    const byId = new Map((await listServices(house.db)).map((each) => [each.id, each]));
    return {
      runs: rows.flatMap((run) => summaryWith(byId, run)),
      next: rows.length < input.limit ? null : (rows.at(-1)?.id ?? null),
    };
  },
);

export const getRun = operation(
  'read',
  (house, _actor, input: { run: number }): Promise<RunDetail> => runDetail(house.db, input.run),
);

export const waitRun = operation(
  'read',
  async (
    house,
    _actor,
    input: { run: number; revision: number; timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<RunDetail> => {
    const changed = async () => ((await runById(house.db, input.run)).revision === input.revision ? null : true);
    await untilOver(house, 'run', input.run, changed, input);
    return runDetail(house.db, input.run);
  },
);

export const listReleases = operation(
  'read',
  async (
    house,
    _actor,
    input: TargetReference & { before?: number | undefined; limit: number },
  ): Promise<{ releases: ReleaseView[]; next: number | null }> => {
    const target = await findTarget(house.db, input);
    const rows = await releasesOf(house.db, target.row.id, input.limit, input.before);
    const releases = await Promise.all(rows.map((row) => releaseView(house.db, row, target.row.releaseId)));
    return { releases, next: rows.length < input.limit ? null : (rows.at(-1)?.version ?? null) };
  },
);

export const getDeployment = operation(
  'read',
  (house, _actor, input: { deployment: number }): Promise<DeploymentView> => deploymentView(house, input.deployment),
);

export const waitDeployment = operation(
  'read',
  async (
    house,
    _actor,
    input: { deployment: number; timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<DeploymentView> => {
    const over = async () => (ended.has((await deploymentById(house.db, input.deployment)).status) ? true : null);
    await untilOver(house, 'deployment', input.deployment, over, input);
    return deploymentView(house, input.deployment);
  },
);

export const listDeployments = operation(
  'read',
  async (
    house,
    _actor,
    input: { service?: string | undefined; environment?: string | undefined; limit: number },
  ): Promise<{ deployments: DeploymentView[] }> => {
    const targets =
      input.service === undefined
        ? undefined
        : await targetsOf(house.db, (await findService(house.db, input.service)).id);
    const chosen = targets?.filter(
      (each) => input.environment === undefined || each.environment.name === input.environment,
    );
    const rows = await deploymentsOf(
      house.db,
      input.limit,
      chosen?.map((each) => each.row.id),
    );
    return { deployments: await Promise.all(rows.map((row) => deploymentView(house, row.id))) };
  },
);
