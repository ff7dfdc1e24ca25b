import {
  type DeploymentView,
  ended,
  type RunDetail,
  type RunSummary,
  type ServiceDetail,
  type StatusBoard,
  type SystemHealth,
} from '@towpath/contract';
import type { Db } from '../store/connect.ts';
import { deploymentById, listDeployments as deploymentsOf } from '../store/deployments.ts';
import { findProject } from '../store/environments.ts';
import { type RunBrief, type RunFilter, listRuns as runsOf } from '../store/run-list.ts';
import { revisionOf } from '../store/runs.ts';
import { findService, pageOfServices, repositoryOf, servicesById } from '../store/services.ts';
import { version } from '../version.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { deploymentView, deploymentViews } from './show/deployment.ts';
import { runDetail, runSummary } from './show/run.ts';
import { serviceDetail, serviceDetails } from './show/service.ts';
import { type TargetedQuery, targetedFilter } from './targeted.ts';
import { untilOver } from './until.ts';

export function systemHealth(house: Pick<House, 'config' | 'problems'>): SystemHealth {
  const problems = house.problems();
  return { ok: problems.length === 0, name: house.config.name, version, pid: process.pid, problems };
}

export interface BoardQuery {
  readonly project?: string | undefined;
  /** The service after which the page begins, as `shop/api`. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export const status = operation(
  'read',
  async (house, _actor, { project, after, limit }: BoardQuery): Promise<StatusBoard & { next: string | null }> => {
    const projectId = project === undefined ? undefined : (await findProject(house.db, project)).id;
    const services = await pageOfServices(house.db, { projectId, after, limit });
    const [details, waiting] = await Promise.all([
      serviceDetails(house, services),
      runsOf(house.db, { status: 'waiting', limit: 200 }),
    ]);
    const last = services.at(-1);
    return {
      system: systemHealth(house),
      services: details,
      waiting: (await summaries(house.db, waiting)).filter((run) => project === undefined || run.project === project),
      next: services.length < limit || last === undefined ? null : repositoryOf(last),
    };
  },
);

async function summaries(db: Db, runs: readonly RunBrief[]): Promise<RunSummary[]> {
  const services = await servicesById(
    db,
    runs.map(({ serviceId }) => serviceId),
  );
  return runs.flatMap((run) => {
    const service = services.get(run.serviceId);
    return service === undefined ? [] : [runSummary(run, service)];
  });
}

/** Where the next page begins; null when this one was not full. */
const nextOf = (rows: readonly { readonly id: number }[], limit: number): number | null =>
  rows.length < limit ? null : (rows.at(-1)?.id ?? null);

export const getService = operation(
  'read',
  async (house, _actor, input: { service: string }): Promise<ServiceDetail> =>
    serviceDetail(house, await findService(house.db, input.service)),
);

export interface RunQuery extends Omit<RunFilter, 'serviceId' | 'since'> {
  readonly service?: string | undefined;
  readonly since?: string | undefined;
}

export const listRuns = operation(
  'read',
  async ({ db }, _actor, input: RunQuery): Promise<{ runs: RunSummary[]; next: number | null }> => {
    const { service, since, ...filter } = input;
    const serviceId = service === undefined ? undefined : (await findService(db, service)).id;
    const rows = await runsOf(db, { ...filter, serviceId, since: moment(since) });
    return { runs: await summaries(db, rows), next: nextOf(rows, input.limit) };
  },
);

const moment = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

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
    const changed = async () => ((await revisionOf(house.db, input.run)) === input.revision ? null : true);
    await untilOver(house, 'run', input.run, changed, input);
    return runDetail(house.db, input.run);
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
  async (house, _actor, input: TargetedQuery): Promise<{ deployments: DeploymentView[]; next: number | null }> => {
    const rows = await deploymentsOf(house.db, await targetedFilter(house.db, input));
    return { deployments: await deploymentViews(house, rows), next: nextOf(rows, input.limit) };
  },
);
