import type { Db } from './connect.ts';
import { eq, inArray, isNull, sql } from './drizzle.ts';
import { deployments, environments, projects, releases, runs, services, targets } from './schema.ts';

export interface ReleaseName {
  readonly project: string;
  readonly service: string;
  readonly environment: string;
  readonly version: number;
}

/** By id, those that there are. */
export async function releaseNames(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, ReleaseName>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({
      id: releases.id,
      version: releases.version,
      project: projects.name,
      service: services.name,
      environment: environments.name,
    })
    .from(releases)
    .innerJoin(targets, eq(targets.id, releases.targetId))
    .innerJoin(services, eq(services.id, targets.serviceId))
    .innerJoin(projects, eq(projects.id, services.projectId))
    .innerJoin(environments, eq(environments.id, targets.environmentId))
    .where(inArray(releases.id, [...ids]));
  return new Map(rows.map(({ id, ...name }) => [id, name]));
}

/** Runs and deployments that have not ended, by status. */
export async function openWork(
  db: Db,
): Promise<readonly { readonly kind: 'run' | 'deployment'; readonly status: string; readonly count: number }[]> {
  const count = sql<number>`count(*)::int`;
  const [openRuns, openDeployments] = await Promise.all([
    db.select({ status: runs.status, count }).from(runs).where(isNull(runs.endedAt)).groupBy(runs.status),
    db
      .select({ status: deployments.status, count })
      .from(deployments)
      .where(isNull(deployments.endedAt))
      .groupBy(deployments.status),
  ]);
  return [
    ...openRuns.map((each) => ({ kind: 'run' as const, ...each })),
    ...openDeployments.map((each) => ({ kind: 'deployment' as const, ...each })),
  ];
}
