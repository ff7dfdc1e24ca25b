import type { Status } from '@towpath/contract';
import type { Db } from '../store/connect.ts';
import type { TargetedFilter } from '../store/deployments.ts';
import { findService } from '../store/services.ts';
import { targetIds } from '../store/targets.ts';

/** Which deployments or jobs are asked for. */
export interface TargetedQuery {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly status?: Status | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The same with what the store knows them by. Throws unknown_service. */
export async function targetedFilter(db: Db, query: TargetedQuery): Promise<TargetedFilter> {
  const { service, environment, since, ...rest } = query;
  const serviceId = service === undefined ? undefined : (await findService(db, service)).id;
  const open = serviceId === undefined && environment === undefined;
  return {
    ...rest,
    targetIds: open ? undefined : await targetIds(db, serviceId, environment),
    since: since === undefined ? undefined : new Date(since),
  };
}
