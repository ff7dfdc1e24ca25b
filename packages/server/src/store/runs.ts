import { type Status, TowpathError, type Trigger } from '@towpath/contract';
import { type Claim, StaleClaim } from '../domain/claim.ts';
import type { KeptLayer } from '../domain/path/kept.ts';
import type { PlannedStage } from '../domain/path/plan.ts';
import type { ServiceSettings } from '../domain/path/settings.ts';
import { type Change, notify } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, desc, eq, gte, inArray, isNull, lt, lte, sql } from './drizzle.ts';
import { appendEvent, appendStageEnds } from './events.ts';
import { attempts, runs, stages } from './schema.ts';

export type RunRow = typeof runs.$inferSelect;
export type StageRow = typeof stages.$inferSelect;

export interface NewRun {
  readonly serviceId: number;
  readonly branch: string;
  readonly commit: string;
  readonly settings: ServiceSettings;
  readonly layers: KeptLayer[];
  readonly message: string;
  readonly author: string;
  readonly trigger: Trigger;
  readonly requestedBy: string;
}

/** A queued run with its stages; the intention that the dispatcher starts. */
export async function insertRun(db: Db, input: NewRun, plan: readonly PlannedStage[]): Promise<RunRow> {
  const [row] = await db
    .insert(runs)
    .values({ ...input, status: 'queued', reason: 'waits for its turn' })
    .returning();
  if (row === undefined) throw new Error('the run was not written');
  await db
    .insert(stages)
    .values(plan.map((stage, index) => ({ runId: row.id, index, plan: stage, status: 'queued' as const })));
  await appendEvent(db, {
    name: 'run.queued',
    actor: input.requestedBy,
    subject: `run/${row.id}`,
    data: { branch: input.branch, commit: input.commit, trigger: input.trigger, message: titleOf(input.message) },
  });
  await notify(db, ['run', row.id], ['run-queue', 'all']);
  return row;
}

/** The first line of a commit's message, as an event tells it. */
const titleOf = (message: string): string => (message.split('\n')[0] ?? '').slice(0, 200);

export async function runById(db: Db, id: number): Promise<RunRow> {
  const [row] = await db.select().from(runs).where(eq(runs.id, id));
  if (row === undefined) throw unknownRun(id);
  return row;
}

const unknownRun = (id: number): TowpathError => new TowpathError('unknown_run', `there is no run #${id}`);

/**
 * Takes a run's segment over: raises its epoch. Null when the run is not in that segment any more, or waits, or has ended: a segment
 * that a crash brought back must not walk on beside the one that followed it.
 */
export async function claimSegment(
  db: Db,
  id: number,
  segment: number,
): Promise<{ readonly claim: Claim; readonly run: RunRow } | null> {
  const [run] = await db
    .update(runs)
    .set({ epoch: sql`${runs.epoch} + 1` })
    .where(and(eq(runs.id, id), eq(runs.segment, segment), eq(runs.status, 'running')))
    .returning();
  return run === undefined ? null : { claim: { scope: `run/${id}`, epoch: run.epoch }, run };
}

/** Begins a run's next segment, with the stage of this index; whoever still acts for the one before cannot write any more. */
export async function nextSegment(
  db: Db,
  run: RunRow,
  fromStage: number,
  set: Partial<typeof runs.$inferInsert> = {},
): Promise<RunRow> {
  return updateRun(db, run.id, {
    ...set,
    status: 'running',
    reason: null,
    deadline: null,
    endedAt: null,
    epoch: run.epoch + 1,
    segment: run.segment + 1,
    fromStage,
  });
}

/** One run, keeping its row until the transaction ends. */
export async function lockRun(db: Db, id: number): Promise<RunRow> {
  const [row] = await db.select().from(runs).where(eq(runs.id, id)).for('no key update');
  if (row === undefined) throw new TowpathError('unknown_run', `there is no run #${id}`);
  return row;
}

/** The same if the run still has this status; null when somebody else was faster. */
export async function lockRunStill(db: Db, id: number, status: Status): Promise<RunRow | null> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.id, id), eq(runs.status, status)))
    .for('no key update');
  return row ?? null;
}

export async function stagesOf(db: Db, runId: number): Promise<StageRow[]> {
  return db.select().from(stages).where(eq(stages.runId, runId)).orderBy(asc(stages.index));
}

/** One stage, and whether somebody wants its run to end or a newer one takes its place. */
export interface StageNow {
  readonly stage: StageRow;
  readonly cancelledBy: string | null;
  readonly supersededBy: number | null;
}

export async function stageNow(db: Db, runId: number, index: number): Promise<StageNow> {
  const [row] = await db
    .select({ stage: stages, cancelledBy: runs.cancelledBy, supersededBy: runs.supersededBy })
    .from(stages)
    .innerJoin(runs, eq(runs.id, stages.runId))
    .where(and(eq(stages.runId, runId), eq(stages.index, index)));
  if (row === undefined) throw new Error(`run #${runId} has no stage ${index}`);
  return row;
}

/** Who wants the run to end; null: nobody. */
export async function cancelledBy(db: Db, id: number): Promise<string | null> {
  const [row] = await db.select({ by: runs.cancelledBy }).from(runs).where(eq(runs.id, id));
  return row?.by ?? null;
}

/** Another one than at the last look: something of the run or its stages has changed. Throws `unknown_run`. */
export async function revisionOf(db: Db, id: number): Promise<number> {
  const [row] = await db.select({ revision: runs.revision }).from(runs).where(eq(runs.id, id));
  if (row === undefined) throw unknownRun(id);
  return row.revision;
}

/** What admission looks at, each second: the columns that it needs, not the commands and settings of hundreds of runs. */
const admission = {
  id: runs.id,
  service: runs.serviceId,
  branch: runs.branch,
  status: runs.status,
  segment: runs.segment,
};
export type AdmissionRow = Pick<RunRow, 'id' | 'branch' | 'status' | 'segment'> & { service: number };

/**
 * The runs that are queued or in progress, and those waiting for a person that a queued one may have to give way to; oldest first. The
 * other waiting ones are not looked at: there may be hundreds, for weeks.
 */
export async function admissibleRuns(db: Db): Promise<AdmissionRow[]> {
  const active = await db
    .select(admission)
    .from(runs)
    .where(and(isNull(runs.endedAt), inArray(runs.status, ['queued', 'running'])))
    .orderBy(asc(runs.id));
  const services = active.filter((run) => run.status === 'queued').map((run) => run.service);
  if (services.length === 0) return active;
  const waiting = await db
    .select(admission)
    .from(runs)
    .where(and(isNull(runs.endedAt), eq(runs.status, 'waiting'), inArray(runs.serviceId, services)))
    .orderBy(asc(runs.id));
  return [...active, ...waiting].toSorted((a, b) => a.id - b.id);
}

/** Older runs of the same service and branch that wait for a person. */
export async function olderWaiting(db: Db, run: Pick<RunRow, 'id' | 'serviceId' | 'branch'>): Promise<RunRow[]> {
  return db
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.serviceId, run.serviceId),
        eq(runs.branch, run.branch),
        eq(runs.status, 'waiting'),
        isNull(runs.endedAt),
        lt(runs.id, run.id),
      ),
    )
    .orderBy(asc(runs.id));
}

/** Open and ended runs of the same service and branch that are newer. */
export async function newerRuns(db: Db, run: Pick<RunRow, 'id' | 'serviceId' | 'branch'>): Promise<RunRow[]> {
  return db
    .select()
    .from(runs)
    .where(and(eq(runs.serviceId, run.serviceId), eq(runs.branch, run.branch), gte(runs.id, run.id + 1)))
    .orderBy(asc(runs.id));
}

/** The newest run that a move of the branch gave; runs that somebody asked for by hand don't count. */
export async function newestPushOf(db: Db, serviceId: number, branch: string): Promise<RunRow | null> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.serviceId, serviceId), eq(runs.branch, branch), inArray(runs.trigger, ['push', 'reconcile'])))
    .orderBy(desc(runs.id))
    .limit(1);
  return row ?? null;
}

/** Writes what changed and tells everyone who looks: the one way in which a run's row changes. */
export async function updateRun(db: Db, id: number, set: Partial<typeof runs.$inferInsert>): Promise<RunRow> {
  const [row] = await db
    .update(runs)
    .set({ ...set, revision: sql`${runs.revision} + 1` })
    .where(eq(runs.id, id))
    .returning();
  if (row === undefined) throw new TowpathError('unknown_run', `there is no run #${id}`);
  const changes: Change[] = [['run', id]];
  if (set.status !== undefined) changes.push(['run-queue', 'all']);
  if (set.cancelledBy !== undefined) changes.push(['cancel', id]);
  await notify(db, ...changes);
  return row;
}

/** Ends a run with its reason. A stage that waits or runs ends like the run; those that have not begun take `rest`. */
export async function endRun(
  db: Db,
  id: number,
  end: { status: Status; reason: string | null; supersededBy?: number },
  rest: { status: Status; reason: string },
): Promise<RunRow> {
  const { status, reason } = end;
  const endedAt = new Date();
  const either = (begun: string | null, queued: string) =>
    sql`case ${stages.status} when 'queued' then ${queued}::text else ${begun}::text end`;
  await db
    .update(stages)
    .set({ status: either(status, rest.status), reason: either(reason, rest.reason), deadline: null, endedAt })
    .where(and(eq(stages.runId, id), inArray(stages.status, ['waiting', 'running', 'queued'])));
  await appendStageEnds(db, id, { status, reason });
  await db
    .update(attempts)
    .set({ status, reason, endedAt })
    .where(and(eq(attempts.runId, id), isNull(attempts.endedAt)));
  const row = await updateRun(db, id, {
    status,
    reason,
    deadline: null,
    supersededBy: end.supersededBy ?? null,
    endedAt,
  });
  await appendEvent(db, {
    name: 'run.ended',
    actor: 'towpath',
    subject: `run/${id}`,
    data: { status, reason },
  });
  return row;
}

/** Throws StaleClaim, having written nothing. */
export async function setLayers(db: Db, held: Claim, id: number, layers: KeptLayer[]): Promise<void> {
  const { rowCount } = await db
    .update(runs)
    .set({ layers })
    .where(and(eq(runs.id, id), eq(runs.epoch, held.epoch)));
  if (rowCount === 0) throw new StaleClaim(held);
}

export async function updateStage(
  db: Db,
  runId: number,
  index: number,
  set: Partial<typeof stages.$inferInsert>,
): Promise<void> {
  await db
    .update(stages)
    .set(set)
    .where(and(eq(stages.runId, runId), eq(stages.index, index)));
  await updateRun(db, runId, {});
}

/** Runs whose approval's time is over. */
export async function dueApprovals(db: Db, now: Date): Promise<number[]> {
  const rows = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(isNull(runs.endedAt), eq(runs.status, 'waiting'), lte(runs.deadline, now)))
    .orderBy(asc(runs.deadline));
  return rows.map((row) => row.id);
}

export async function nextApprovalDeadline(db: Db): Promise<Date | null> {
  const [row] = await db
    .select({ deadline: runs.deadline })
    .from(runs)
    .where(and(isNull(runs.endedAt), eq(runs.status, 'waiting')))
    .orderBy(asc(runs.deadline))
    .limit(1);
  return row?.deadline ?? null;
}

/** Stages from the index on begin again; those that had begun with their next attempt. */
export async function resetStages(db: Db, runId: number, from: number): Promise<void> {
  await db
    .update(stages)
    .set({
      status: 'queued',
      reason: null,
      deadline: null,
      attempt: sql`case when ${stages.startedAt} is null then ${stages.attempt} else ${stages.attempt} + 1 end`,
      startedAt: null,
      endedAt: null,
      answeredBy: null,
      deploymentId: null,
    })
    .where(and(eq(stages.runId, runId), gte(stages.index, from)));
}
