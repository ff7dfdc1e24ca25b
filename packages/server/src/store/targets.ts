import { TowpathError } from '@towpath/contract';
import type { TargetRoute } from '../domain/rollout/route.ts';
import { isAnyOf } from './any-of.ts';
import { notify } from './changes.ts';
import { type Db, transaction } from './connect.ts';
import { and, asc, eq, inArray, isNotNull, ne, or, sql } from './drizzle.ts';
import { environmentsOf, unknownEnvironment } from './environments.ts';
import { appendEvent } from './events.ts';
import { environments, projects, routeGeneration, services, targets } from './schema.ts';
import { type EnvironmentRow, type ServiceRow, serviceRow } from './services.ts';

export type TargetRow = typeof targets.$inferSelect;

/** A target with all that names it. */
export interface Target {
  readonly row: TargetRow;
  readonly service: ServiceRow;
  readonly environment: EnvironmentRow;
  readonly project: string;
}

/** `shop/api/production` */
export const targetName = (target: Pick<Target, 'project' | 'service' | 'environment'>): string =>
  `${target.project}/${target.service.name}/${target.environment.name}`;

const joined = (db: Db) =>
  db
    .select({ row: targets, service: services, environment: environments, project: projects.name })
    .from(targets)
    .innerJoin(services, eq(services.id, targets.serviceId))
    .innerJoin(environments, eq(environments.id, targets.environmentId))
    .innerJoin(projects, eq(projects.id, services.projectId));

type Joined = Awaited<ReturnType<typeof joined>>[number];
const toTarget = (each: Joined): Target => ({ ...each, service: serviceRow(each) });

export async function targetById(db: Db, id: number): Promise<Target> {
  const [found] = await joined(db).where(eq(targets.id, id));
  if (found === undefined) throw new TowpathError('not_found', `there is no target ${id}`);
  return toTarget(found);
}

/** Also in an environment that was removed: an open run still names it. */
export async function targetOf(db: Db, service: ServiceRow, environment: string): Promise<Target> {
  const [found] = await joined(db).where(and(eq(targets.serviceId, service.id), eq(environments.name, environment)));
  if (found === undefined) {
    throw unknownEnvironment(service.project, environment, await environmentsOf(db, service.projectId));
  }
  return toTarget(found);
}

/** What a page shows of a target: the routes of a thousand of them would be most of the work. */
const shown = {
  id: targets.id,
  serviceId: targets.serviceId,
  environmentId: targets.environmentId,
  releaseId: targets.releaseId,
  replicas: targets.replicas,
  workers: targets.workers,
  heldBy: targets.heldBy,
  heldReason: targets.heldReason,
  heldAt: targets.heldAt,
};
export interface ShownTarget {
  readonly row: Pick<TargetRow, keyof typeof shown>;
  readonly service: ServiceRow;
  readonly environment: EnvironmentRow;
}

/** Of these services, each one's in the order in which a run enters their environments. */
export async function shownTargets(db: Db, of: readonly ServiceRow[]): Promise<ShownTarget[]> {
  if (of.length === 0) return [];
  const serviceOf = new Map(of.map((service) => [service.id, service]));
  const projectIds = [...new Set(of.map(({ projectId }) => projectId))];
  const [rows, open] = await Promise.all([
    db
      .select(shown)
      .from(targets)
      .where(isAnyOf(targets.serviceId, [...serviceOf.keys()])),
    db
      .select()
      .from(environments)
      .where(and(inArray(environments.projectId, projectIds), ne(environments.state, 'removed'))),
  ]);
  const environmentOf = new Map(open.map((environment) => [environment.id, environment]));
  const found = rows.flatMap((row) => {
    const [service, environment] = [serviceOf.get(row.serviceId), environmentOf.get(row.environmentId)];
    return service === undefined || environment === undefined ? [] : [{ row, service, environment }];
  });
  return found.toSorted((a, b) => a.environment.position - b.environment.position);
}

/** The ids of a service's targets, of an environment's of this name in any project, or of both. */
export async function targetIds(db: Db, serviceId?: number, environment?: string): Promise<number[]> {
  const rows = await db
    .select({ id: targets.id })
    .from(targets)
    .innerJoin(environments, eq(environments.id, targets.environmentId))
    .where(
      and(
        serviceId === undefined ? undefined : eq(targets.serviceId, serviceId),
        environment === undefined ? undefined : eq(environments.name, environment),
      ),
    );
  return rows.map(({ id }) => id);
}

/** By their ids. */
export async function targetsById(db: Db, ids: readonly number[]): Promise<Map<number, Target>> {
  if (ids.length === 0) return new Map();
  const rows = await joined(db).where(inArray(targets.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.row.id, toTarget(row)]));
}

/** Of an environment, by the names of their services. */
export async function targetsIn(db: Db, environmentId: number): Promise<Target[]> {
  const rows = await joined(db).where(eq(targets.environmentId, environmentId)).orderBy(asc(services.name));
  return rows.map(toTarget);
}

/** Changes what a target contributes to the route table, and raises the table's generation: the answer. Call it in a guarded write. */
export async function saveRoute(db: Db, targetId: number, route: TargetRoute | null): Promise<number> {
  await db.update(targets).set({ route }).where(eq(targets.id, targetId));
  const [row] = await db
    .insert(routeGeneration)
    .values({ one: true, generation: 1 })
    .onConflictDoUpdate({ target: routeGeneration.one, set: { generation: sql`${routeGeneration.generation} + 1` } })
    .returning();
  if (row === undefined) throw new Error('the generation of the route table was not raised');
  await notify(db, ['route', row.generation]);
  return row.generation;
}

/** All routes and their generation, as of one moment: one statement, one snapshot. */
export async function readRoutes(db: Db): Promise<{ generation: number; routes: TargetRoute[] }> {
  const rows = await db
    .select({ generation: routeGeneration.generation, route: targets.route })
    .from(routeGeneration)
    .leftJoin(targets, isNotNull(targets.route))
    .orderBy(asc(targets.id));
  return {
    generation: rows[0]?.generation ?? 0,
    routes: rows.flatMap((row) => (row.route === null ? [] : [row.route])),
  };
}

/** The generation alone, which is asked for again and again. */
export async function routesGeneration(db: Db): Promise<number> {
  const [row] = await db.select({ generation: routeGeneration.generation }).from(routeGeneration);
  return row?.generation ?? 0;
}

/** Keeps other writers of the target waiting until the transaction ends. */
export async function lockTarget(db: Db, id: number): Promise<TargetRow> {
  const [row] = await db.select().from(targets).where(eq(targets.id, id)).for('no key update');
  if (row === undefined) throw new TowpathError('not_found', `there is no target ${id}`);
  return row;
}

export async function setHold(
  db: Db,
  targetId: number,
  hold: { by: string; reason: string | null } | null,
): Promise<void> {
  await db
    .update(targets)
    .set({ heldBy: hold?.by ?? null, heldReason: hold?.reason ?? null, heldAt: hold === null ? null : new Date() })
    .where(eq(targets.id, targetId));
}

export async function setReplicas(db: Db, targetId: number, replicas: number): Promise<void> {
  await db.update(targets).set({ replicas }).where(eq(targets.id, targetId));
}

/** How many replicas of a worker run, whatever its releases say. */
export async function setWorkerReplicas(db: Db, target: TargetRow, worker: string, replicas: number): Promise<void> {
  const workers = { ...target.workers, [worker]: replicas };
  await db.update(targets).set({ workers }).where(eq(targets.id, target.id));
}

/** The release that users get from now on; null: none. Call it in a guarded write. */
export async function setLive(db: Db, targetId: number, releaseId: number | null): Promise<void> {
  await db.update(targets).set({ releaseId }).where(eq(targets.id, targetId));
  await appendEvent(db, {
    name: 'target.changed',
    actor: 'towpath',
    subject: `target/${targetId}`,
    data: { releaseId },
  });
}

/** How many of its replicas in the routes are healthy, `2/3`; null: it has none. One server of several writes it, and tells of it. */
export async function setHealth(db: Db, targetId: number, health: string | null): Promise<void> {
  await transaction(db, async (tx) => {
    const rows = await tx
      .update(targets)
      .set({ health })
      .where(and(eq(targets.id, targetId), sql`${targets.health} is distinct from ${health}`))
      .returning({ id: targets.id });
    if (rows.length === 0) return;
    await appendEvent(tx, {
      name: 'target.changed',
      actor: 'towpath',
      subject: `target/${targetId}`,
      data: { health },
    });
  });
}

/** Every target that is in the routes or was, with the health that is known of it. */
export async function routedTargets(db: Db): Promise<Pick<TargetRow, 'id' | 'route' | 'health'>[]> {
  return db
    .select({ id: targets.id, route: targets.route, health: targets.health })
    .from(targets)
    .where(or(isNotNull(targets.route), isNotNull(targets.health)));
}
