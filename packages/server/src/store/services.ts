import { SettingsLayer, settingDefaults, TowpathError } from '@towpath/contract';
import { givenSettings } from '../domain/path/stored.ts';
import type { Db } from './connect.ts';
import { and, asc, eq, inArray, ne, sql } from './drizzle.ts';
import { environments, hosts, projects, services, targets } from './schema.ts';

export type ServiceRow = Omit<typeof services.$inferSelect, 'settings'> & {
  readonly project: string;
  /** What its owner gave. */
  readonly settings: SettingsLayer;
};
export type EnvironmentRow = typeof environments.$inferSelect;

/** The repository of a service, as sources name it. */
export const repositoryOf = (service: Pick<ServiceRow, 'project' | 'name'>): string =>
  `${service.project}/${service.name}`;

/** The branch that an environment follows for this service. */
export const branchOf = (environment: EnvironmentRow, service: Pick<ServiceRow, 'settings'>): string =>
  environment.branch ?? mainBranch(service);

/** The branch that is meant when none is named. */
export const mainBranch = ({ settings }: Pick<ServiceRow, 'settings'>): string =>
  settings.branch ?? settingDefaults.branch;

const dayMs = 86_400_000;

/** The project of that name, made with staging and production when it is new. */
export async function ensureProject(db: Db, name: string): Promise<number> {
  const made = await db.insert(projects).values({ name }).onConflictDoNothing().returning({ id: projects.id });
  const fresh = made[0];
  if (fresh !== undefined) {
    await db.insert(environments).values([
      { projectId: fresh.id, name: 'staging', branch: null, admission: 'auto', position: 1, approvalMs: 7 * dayMs },
      {
        projectId: fresh.id,
        name: 'production',
        branch: null,
        admission: 'approve',
        position: 2,
        approvalMs: 7 * dayMs,
      },
    ]);
    return fresh.id;
  }
  const found = await db.select({ id: projects.id }).from(projects).where(eq(projects.name, name));
  const row = found[0];
  if (row === undefined) throw new Error(`project ${name} vanished`);
  return row.id;
}

export const serviceRow = ({
  service,
  project,
}: {
  service: typeof services.$inferSelect;
  project: string;
}): ServiceRow => ({
  ...service,
  project,
  settings: givenSettings(service.settings),
});

const withProject = (db: Db) =>
  db
    .select({ service: services, project: projects.name })
    .from(services)
    .innerJoin(projects, eq(projects.id, services.projectId));

/** By name, those after `after` (`shop/api`); of one project only, when given. */
export async function pageOfServices(
  db: Db,
  { projectId, after, limit }: { projectId?: number | undefined; after?: string | undefined; limit: number },
): Promise<ServiceRow[]> {
  const [project = '', name = ''] = after?.split('/') ?? [];
  const rows = await withProject(db)
    .where(
      and(
        projectId === undefined ? undefined : eq(services.projectId, projectId),
        after === undefined ? undefined : sql`(${projects.name}, ${services.name}) > (${project}, ${name})`,
      ),
    )
    .orderBy(asc(projects.name), asc(services.name))
    .limit(limit);
  return rows.map(serviceRow);
}

/** By their ids. */
export async function servicesById(db: Db, ids: readonly number[]): Promise<Map<number, ServiceRow>> {
  if (ids.length === 0) return new Map();
  const rows = await withProject(db).where(inArray(services.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.service.id, serviceRow(row)]));
}

/** All of them, or those of one project. */
export async function listServices(db: Db, projectId?: number): Promise<ServiceRow[]> {
  const rows = await withProject(db)
    .where(projectId === undefined ? undefined : eq(services.projectId, projectId))
    .orderBy(asc(projects.name), asc(services.name));
  return rows.map(serviceRow);
}

export async function serviceById(db: Db, id: number): Promise<ServiceRow> {
  const [row] = await withProject(db).where(eq(services.id, id));
  if (row === undefined) throw new TowpathError('unknown_service', `there is no service with id ${id}`);
  return serviceRow(row);
}

/** By `api`, or `shop/api`. Two projects with a service of that name: the error lists both. */
export async function findService(db: Db, reference: string): Promise<ServiceRow> {
  const [first = '', second, ...more] = reference.split('/');
  const wanted =
    second === undefined ? eq(services.name, first) : and(eq(projects.name, first), eq(services.name, second));
  const rows = more.length > 0 ? [] : await withProject(db).where(wanted).orderBy(asc(projects.name));
  const [row, other] = rows;
  if (row === undefined) throw new TowpathError('unknown_service', `there is no service "${reference}"`);
  if (other !== undefined) {
    const names = rows.map((each) => `${each.project}/${each.service.name}`).join(', ');
    throw new TowpathError('bad_request', `"${reference}" names more than one service: ${names}`, {
      help: 'Name its project too.',
    });
  }
  return serviceRow(row);
}

/** A new service with a target in each environment of its project. Null when the name is taken in the project. */
export async function insertService(
  db: Db,
  input: { projectId: number; project: string; name: string; settings: SettingsLayer },
): Promise<ServiceRow | null> {
  const [row] = await db
    .insert(services)
    .values({ projectId: input.projectId, name: input.name, settings: input.settings })
    .onConflictDoNothing()
    .returning();
  return row === undefined ? null : serviceRow({ service: row, project: input.project });
}

export async function projectSettings(db: Db, projectId: number): Promise<SettingsLayer> {
  const [row] = await db.select({ settings: projects.settings }).from(projects).where(eq(projects.id, projectId));
  return row === undefined ? {} : SettingsLayer.parse(row.settings);
}

export async function saveProjectSettings(db: Db, projectId: number, settings: SettingsLayer): Promise<void> {
  await db.update(projects).set({ settings }).where(eq(projects.id, projectId));
}

/** Keeps other writers of the service's runs waiting until the transaction ends. */
export async function lockService(db: Db, id: number): Promise<void> {
  await db.select({ id: services.id }).from(services).where(eq(services.id, id)).for('no key update');
}

export async function saveSettings(db: Db, id: number, settings: SettingsLayer): Promise<void> {
  await db.update(services).set({ settings }).where(eq(services.id, id));
}

/** Makes sure of the service's target in an environment and of its host name; a name that another one has is refused. */
export async function insertTarget(
  db: Db,
  serviceId: number,
  environment: Pick<EnvironmentRow, 'id'>,
  host: string,
): Promise<void> {
  const pair = { serviceId, environmentId: environment.id };
  await db.insert(targets).values(pair).onConflictDoNothing();
  const own = and(eq(targets.serviceId, serviceId), eq(targets.environmentId, environment.id));
  const [row] = await db.select({ id: targets.id }).from(targets).where(own);
  if (row === undefined) throw new Error(`service ${serviceId} has no target in environment ${environment.id}`);
  await db.insert(hosts).values({ name: host, targetId: row.id }).onConflictDoNothing();
  const [owner] = await withProject(db)
    .innerJoin(targets, eq(targets.serviceId, services.id))
    .innerJoin(hosts, and(eq(hosts.targetId, targets.id), eq(hosts.name, host), ne(targets.id, row.id)));
  if (owner === undefined) return;
  const name = repositoryOf({ ...owner.service, project: owner.project });
  throw new TowpathError('host_taken', `${name} answers at ${host} already`);
}
