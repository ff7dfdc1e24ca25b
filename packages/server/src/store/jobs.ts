import { type Status, TowpathError } from '@towpath/contract';
import { notify } from './changes.ts';
import type { Db } from './connect.ts';
import { matching, type TargetedFilter } from './deployments.ts';
import { asc, desc, eq, isNull } from './drizzle.ts';
import { appendEvent } from './events.ts';
import { jobs } from './schema.ts';

export type JobRow = typeof jobs.$inferSelect;
export type NewJob = Pick<JobRow, 'targetId' | 'releaseId' | 'process' | 'argv' | 'timeoutMs' | 'requestedBy'>;

/** A queued job: the intention that the dispatcher starts. */
export async function insertJob(db: Db, input: NewJob): Promise<JobRow> {
  const [row] = await db
    .insert(jobs)
    .values({ ...input, status: 'queued' })
    .returning();
  if (row === undefined) throw new Error('the job was not written');
  await appendEvent(db, {
    name: 'job.queued',
    actor: input.requestedBy,
    subject: `job/${row.id}`,
    data: { target: input.targetId, process: input.process, command: input.process === null ? input.argv[0] : null },
  });
  await notify(db, ['job', row.id], ['job-queue', 'all']);
  return row;
}

export async function jobById(db: Db, id: number): Promise<JobRow> {
  const [row] = await db.select().from(jobs).where(eq(jobs.id, id));
  if (row === undefined) throw new TowpathError('not_found', `there is no job ${id}`);
  return row;
}

/** The same, with its row kept until the transaction ends. */
export async function lockJob(db: Db, id: number): Promise<JobRow> {
  const [row] = await db.select().from(jobs).where(eq(jobs.id, id)).for('no key update');
  if (row === undefined) throw new TowpathError('not_found', `there is no job ${id}`);
  return row;
}

/** Newest first. */
export async function listJobs(db: Db, filter: TargetedFilter): Promise<JobRow[]> {
  return db.select().from(jobs).where(matching(jobs, filter)).orderBy(desc(jobs.id)).limit(filter.limit);
}

/** Every job that has not ended, oldest first. */
export async function openJobs(db: Db): Promise<JobRow[]> {
  return db.select().from(jobs).where(isNull(jobs.endedAt)).orderBy(asc(jobs.id));
}

export async function updateJob(db: Db, id: number, set: Partial<typeof jobs.$inferInsert>): Promise<JobRow> {
  const [row] = await db.update(jobs).set(set).where(eq(jobs.id, id)).returning();
  if (row === undefined) throw new TowpathError('not_found', `there is no job ${id}`);
  await notify(db, ['job', id]);
  return row;
}

export interface JobEnd {
  readonly status: Status;
  readonly reason: string | null;
  /** Null unless the command ended by itself with one. */
  readonly exitCode: number | null;
}

export async function endJob(db: Db, id: number, end: JobEnd): Promise<JobRow> {
  const row = await updateJob(db, id, { ...end, endedAt: new Date() });
  await appendEvent(db, { name: 'job.ended', actor: 'towpath', subject: `job/${id}`, data: { ...end } });
  return row;
}
