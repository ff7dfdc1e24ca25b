import { TowpathError } from '@towpath/contract';
import type { Db } from './connect.ts';
import { and, asc, eq, inArray, isNotNull, isNull, ne, or } from './drizzle.ts';
import { configEntries, deployments, environments, hosts, projects, targets } from './schema.ts';
import type { EnvironmentRow } from './services.ts';

export type EnvironmentSet = Pick<EnvironmentRow, 'branch' | 'admission' | 'approvalMs'>;

/** By its name. Its environments stay as they are until the transaction ends, and so does the list of its services. */
export async function takeProject(db: Db, name: string): Promise<{ id: number; name: string }> {
  const { id } = await findProject(db, name);
  await db.select({ id: projects.id }).from(projects).where(eq(projects.id, id)).for('no key update');
  return { id, name };
}

/** By name. */
export async function projectsOf(db: Db): Promise<{ id: number; name: string }[]> {
  return db.select({ id: projects.id, name: projects.name }).from(projects).orderBy(asc(projects.name));
}

export async function findProject(db: Db, name: string): Promise<{ id: number; name: string }> {
  const known = await projectsOf(db);
  const found = known.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = known.length === 0 ? 'there is none yet' : `there are ${known.map((each) => each.name).join(', ')}`;
  throw new TowpathError('unknown_project', `there is no project "${name}"; ${names}`);
}

/** In the order in which a run enters them; those that are being removed with them. */
export async function environmentsOf(db: Db, projectId: number): Promise<EnvironmentRow[]> {
  return db
    .select()
    .from(environments)
    .where(and(eq(environments.projectId, projectId), ne(environments.state, 'removed')))
    .orderBy(asc(environments.position));
}

export function unknownEnvironment(project: string, name: string, known: readonly EnvironmentRow[]): TowpathError {
  const names = known.map((each) => each.name).join(', ');
  return new TowpathError('unknown_environment', `project ${project} has no environment "${name}"; it has ${names}`);
}

export async function environmentOf(
  db: Db,
  project: { id: number; name: string },
  name: string,
): Promise<EnvironmentRow> {
  const known = await environmentsOf(db, project.id);
  const found = known.find((each) => each.name === name);
  if (found === undefined) throw unknownEnvironment(project.name, name, known);
  return found;
}

/** One in any state, which nobody closes until the transaction ends. Null when there never was one of that name. */
export async function keepEnvironment(db: Db, projectId: number, name: string): Promise<EnvironmentRow | null> {
  const [row] = await db
    .select()
    .from(environments)
    .where(and(eq(environments.projectId, projectId), eq(environments.name, name)))
    .for('share');
  return row ?? null;
}

/** A new environment, or one that was removed, with its targets and their releases. Null when there is one of that name. */
export async function openEnvironment(
  db: Db,
  projectId: number,
  name: string,
  set: EnvironmentSet,
): Promise<EnvironmentRow | null> {
  const [row] = await db
    .insert(environments)
    .values({ projectId, name, position: 0, ...set })
    .onConflictDoUpdate({
      target: [environments.projectId, environments.name],
      set: { ...set, state: 'open' },
      setWhere: eq(environments.state, 'removed'),
    })
    .returning();
  return row ?? null;
}

export async function setEnvironment(
  db: Db,
  id: number,
  set: Partial<EnvironmentSet & Pick<EnvironmentRow, 'state'>>,
): Promise<void> {
  if (Object.keys(set).length > 0) await db.update(environments).set(set).where(eq(environments.id, id));
}

/** The order in which a run enters the environments of a project. */
export async function saveOrder(db: Db, projectId: number, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await db
      .update(environments)
      .set({ position: index + 1 })
      .where(and(eq(environments.projectId, projectId), eq(environments.name, name)));
  }
}

/**
 * A closing environment is gone as soon as nothing is live or under way in it any more: its host names are free, its config and secrets
 * are forgotten; targets and releases stay for the record. Answers whether it is gone now.
 * Lock targets before environments: that is the order of a rollout's writes.
 */
export async function removeWhenEmpty(db: Db, id: number): Promise<boolean> {
  const [row] = await db.select().from(environments).where(eq(environments.id, id)).for('no key update');
  if (row?.state !== 'closing') return false;
  const open = and(eq(deployments.targetId, targets.id), isNull(deployments.endedAt));
  const busy = await db
    .select({ id: targets.id })
    .from(targets)
    .leftJoin(deployments, open)
    .where(and(eq(targets.environmentId, id), or(isNotNull(targets.releaseId), isNotNull(deployments.id))));
  if (busy.length > 0) return false;
  const own = db.select({ id: targets.id }).from(targets).where(eq(targets.environmentId, id));
  await db.delete(hosts).where(inArray(hosts.targetId, own));
  await db.delete(configEntries).where(inArray(configEntries.targetId, own));
  // A hold that nobody sees any more is none when the environment is added again.
  await db.update(targets).set({ heldBy: null, heldReason: null, heldAt: null }).where(inArray(targets.id, own));
  await setEnvironment(db, id, { state: 'removed' });
  return true;
}
