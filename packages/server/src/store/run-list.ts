import type { Status } from '@towpath/contract';
import { isAnyOf } from './any-of.ts';
import type { Db } from './connect.ts';
import { and, desc, eq, lt, sql } from './drizzle.ts';
import type { RunRow } from './runs.ts';
import { runs, services, stages } from './schema.ts';
import { sinceThen } from './since.ts';

export interface RunFilter {
  readonly serviceId?: number | undefined;
  readonly branch?: string | undefined;
  readonly status?: Status | undefined;
  readonly author?: string | undefined;
  /** Only runs that may enter it. */
  readonly environment?: string | undefined;
  /** Only runs that were made then or later. */
  readonly since?: Date | undefined;
  /** Only runs with a lower id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What lists show of a run: settings and layers of hundreds of runs would be most of the work. */
export const briefOfRun = {
  id: runs.id,
  serviceId: runs.serviceId,
  branch: runs.branch,
  commit: runs.commit,
  message: runs.message,
  author: runs.author,
  trigger: runs.trigger,
  requestedBy: runs.requestedBy,
  status: runs.status,
  reason: runs.reason,
  deadline: runs.deadline,
  artifactDigest: runs.artifactDigest,
  supersededBy: runs.supersededBy,
  createdAt: runs.createdAt,
  startedAt: runs.startedAt,
  endedAt: runs.endedAt,
};
export type RunBrief = Pick<RunRow, keyof typeof briefOfRun>;

/** Newest first. */
export async function listRuns(db: Db, filter: RunFilter): Promise<RunBrief[]> {
  const { serviceId, branch, status, author, environment, since, before, limit } = filter;
  return db
    .select(briefOfRun)
    .from(runs)
    .where(
      and(
        serviceId === undefined ? undefined : eq(runs.serviceId, serviceId),
        branch === undefined ? undefined : eq(runs.branch, branch),
        status === undefined ? undefined : eq(runs.status, status),
        author === undefined ? undefined : eq(runs.author, author),
        environment === undefined ? undefined : entering(environment),
        since === undefined ? undefined : sinceThen(runs, since),
        before === undefined ? undefined : lt(runs.id, before),
      ),
    )
    .orderBy(desc(runs.id))
    .limit(limit);
}

const entering = (environment: string) =>
  sql`exists (select 1 from ${stages} where ${stages.runId} = ${runs.id} and (${stages.plan}->>'environment') = ${environment})`;

/** Of each of these services the newest, where it has one. */
export async function newestRuns(db: Db, serviceIds: readonly number[]): Promise<RunBrief[]> {
  if (serviceIds.length === 0) return [];
  // In two questions: as one, PostgreSQL would rather look at every run there is.
  const { rows } = await db.execute<{ id: number | null }>(sql`
    select (select id from runs where service_id = services.id order by id desc limit 1) as id
    from services where ${isAnyOf(services.id, serviceIds)}`);
  const ids = rows.flatMap(({ id }) => id ?? []);
  return ids.length === 0 ? [] : db.select(briefOfRun).from(runs).where(isAnyOf(runs.id, ids));
}

/** The first lines of their commits' messages, by run; those that are not there are left out. */
export async function titlesOfRuns(db: Db, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const found = await db.select({ id: runs.id, message: runs.message }).from(runs).where(isAnyOf(runs.id, ids));
  return new Map(found.map(({ id, message }) => [id, message.split('\n')[0] ?? '']));
}
