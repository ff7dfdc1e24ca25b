/** Open runs by the environment that they are bound for. */
import type { Db } from './connect.ts';
import { and, asc, eq, inArray, isNull, sql } from './drizzle.ts';
import { runs, stages } from './schema.ts';

/** Stages of this environment. */
const names = (environment: string) => sql`${stages.plan} ->> 'environment' = ${environment}`;

/** Of these services the approvals of an environment that wait: the run, and which stage and attempt of it. */
export async function runsAsking(
  db: Db,
  serviceIds: readonly number[],
  environment: string,
): Promise<{ id: number; index: number; attempt: number }[]> {
  return db
    .select({ id: runs.id, index: stages.index, attempt: stages.attempt })
    .from(runs)
    .innerJoin(stages, and(eq(stages.runId, runs.id), eq(stages.status, 'waiting'), names(environment)))
    .where(and(inArray(runs.serviceId, [...serviceIds]), eq(runs.status, 'waiting')))
    .orderBy(asc(runs.id));
}

/** Runs of a service that have not ended and will deploy to an environment, oldest first. */
export async function runsBoundFor(db: Db, serviceId: number, environment: string): Promise<number[]> {
  const rows = await db
    .select({ id: runs.id })
    .from(runs)
    .innerJoin(stages, and(eq(stages.runId, runs.id), eq(stages.status, 'queued'), names(environment)))
    .where(and(eq(runs.serviceId, serviceId), isNull(runs.endedAt), sql`${stages.plan} ->> 'kind' = 'deploy'`))
    .orderBy(asc(runs.id));
  return rows.map((row) => row.id);
}
