import { type DeploymentCause, type Status, TowpathError } from '@towpath/contract';
import type { RolloutStep } from '../domain/rollout/plan.ts';
import { type Change, notify } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, desc, eq, inArray, isNull, lt, type SQL } from './drizzle.ts';
import { appendEvent } from './events.ts';
import { releaseById } from './releases.ts';
import { deployments, type jobs, ledger } from './schema.ts';
import { sinceThen } from './since.ts';

export type DeploymentRow = typeof deployments.$inferSelect;
export type LedgerRow = typeof ledger.$inferSelect;

export interface NewDeployment {
  readonly targetId: number;
  readonly releaseId: number;
  readonly runId: number | null;
  /** The log that it is told in, when it is not one of its own. */
  readonly logKey?: string;
  readonly cause: DeploymentCause;
  readonly priority: number;
  readonly strategy: string;
  readonly plan: readonly RolloutStep[];
  /** Why it has not begun, in plain words; when absent, that it waits for its turn. */
  readonly reason?: string;
  readonly requestedBy: string;
}

/** A queued deployment: the intention that the dispatcher starts. */
export async function insertDeployment(db: Db, input: NewDeployment): Promise<DeploymentRow> {
  const [row] = await db
    .insert(deployments)
    .values({ reason: 'waits for its turn', ...input, plan: [...input.plan], status: 'queued' })
    .returning();
  if (row === undefined) throw new Error('the deployment was not written');
  await appendEvent(db, {
    name: 'deployment.queued',
    actor: input.requestedBy,
    subject: `deployment/${row.id}`,
    data: { target: input.targetId, release: input.releaseId, cause: input.cause },
  });
  await notify(db, ['deployment', row.id], ['deployment-queue', 'all']);
  return row;
}

export async function deploymentById(db: Db, id: number): Promise<DeploymentRow> {
  const [row] = await db.select().from(deployments).where(eq(deployments.id, id));
  if (row === undefined) throw new TowpathError('not_found', `there is no deployment ${id}`);
  return row;
}

/** The log that tells what it does, and has what its release command prints. */
export const deploymentLogKey = ({ id, logKey }: Pick<DeploymentRow, 'id' | 'logKey'>): string =>
  logKey ?? `deployment/${id}`;

/** Every deployment that has not ended, oldest first. */
export async function openDeployments(db: Db, targetId?: number): Promise<DeploymentRow[]> {
  return db
    .select()
    .from(deployments)
    .where(and(isNull(deployments.endedAt), targetId === undefined ? undefined : eq(deployments.targetId, targetId)))
    .orderBy(asc(deployments.id));
}

export interface TargetedFilter {
  /** Of these targets only. */
  readonly targetIds?: readonly number[] | undefined;
  readonly status?: Status | undefined;
  readonly since?: Date | undefined;
  /** Only those with a lower id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What the filter asks of deployments or jobs. */
export const matching = (
  table: typeof deployments | typeof jobs,
  { targetIds, status, since, before }: TargetedFilter,
): SQL | undefined =>
  and(
    targetIds === undefined ? undefined : inArray(table.targetId, [...targetIds]),
    status === undefined ? undefined : eq(table.status, status),
    since === undefined ? undefined : sinceThen(table, since),
    before === undefined ? undefined : lt(table.id, before),
  );

/** Newest first. */
export async function listDeployments(db: Db, filter: TargetedFilter): Promise<DeploymentRow[]> {
  const found = db.select().from(deployments).where(matching(deployments, filter));
  return found.orderBy(desc(deployments.id)).limit(filter.limit);
}

/** Of these runs, those that have brought or are bringing a release to the target. */
export async function deploymentsOfRuns(db: Db, targetId: number, runIds: readonly number[]): Promise<DeploymentRow[]> {
  if (runIds.length === 0) return [];
  return db
    .select()
    .from(deployments)
    .where(and(eq(deployments.targetId, targetId), inArray(deployments.runId, [...runIds])));
}

/** Ids of the releases that went live on the target, newest first, with repetitions. */
export async function liveHistory(db: Db, targetId: number): Promise<number[]> {
  const rows = await db
    .select({ releaseId: deployments.releaseId })
    .from(deployments)
    .where(and(eq(deployments.targetId, targetId), eq(deployments.status, 'succeeded')))
    .orderBy(desc(deployments.id))
    .limit(200);
  return rows.map((row) => row.releaseId);
}

export async function updateDeployment(
  db: Db,
  id: number,
  set: Partial<typeof deployments.$inferInsert>,
): Promise<DeploymentRow> {
  const [row] = await db.update(deployments).set(set).where(eq(deployments.id, id)).returning();
  if (row === undefined) throw new TowpathError('not_found', `there is no deployment ${id}`);
  const changes: Change[] = [['deployment', id]];
  const queued = set.status !== undefined || set.cancelledBy !== undefined || set.supersededBy !== undefined;
  if (queued) changes.push(['deployment-queue', 'all']);
  if (row.runId !== null) changes.push(['run', row.runId]);
  await notify(db, ...changes);
  return row;
}

export async function endDeployment(
  db: Db,
  id: number,
  end: { status: Status; reason: string | null; supersededBy?: number },
): Promise<DeploymentRow> {
  const row = await updateDeployment(db, id, { ...end, endedAt: new Date() });
  await appendEvent(db, {
    name: 'deployment.ended',
    actor: 'towpath',
    subject: `deployment/${id}`,
    data: {
      status: end.status,
      reason: end.reason,
      cause: row.cause,
      run: row.runId,
      version: (await releaseById(db, row.releaseId)).version,
    },
  });
  return row;
}

/** Appends what a rollout did. */
export async function writeLedger(
  db: Db,
  deploymentId: number,
  step: number,
  what: string,
  data: Record<string, unknown>,
): Promise<void> {
  await db.insert(ledger).values({ deploymentId, step, what, data });
  await notify(db, ['deployment', deploymentId]);
}

/** Of many deployments, by deployment. */
export async function readLedgers(db: Db, ids: readonly number[]): Promise<Partial<Record<number, LedgerRow[]>>> {
  if (ids.length === 0) return {};
  const rows = await db
    .select()
    .from(ledger)
    .where(inArray(ledger.deploymentId, [...ids]))
    .orderBy(asc(ledger.id));
  return Object.groupBy(rows, ({ deploymentId }) => deploymentId);
}

export async function readLedger(db: Db, deploymentId: number): Promise<LedgerRow[]> {
  return db.select().from(ledger).where(eq(ledger.deploymentId, deploymentId)).orderBy(asc(ledger.id));
}
