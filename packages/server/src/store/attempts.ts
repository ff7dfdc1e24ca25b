import type { CheckResult, EventName, Status, TestReport } from '@towpath/contract';
import { type Claim, StaleClaim } from '../domain/claim.ts';
import { changed } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, eq, sql } from './drizzle.ts';
import { appendStageEnds, stageData } from './events.ts';
import { attempts } from './schema.ts';

export type AttemptRow = typeof attempts.$inferSelect;

/** Which attempt of which stage of which run. */
export interface AttemptId {
  readonly runId: number;
  readonly index: number;
  readonly attempt: number;
}

export interface AttemptEnd {
  readonly status: Status;
  readonly reason: string | null;
  readonly exitCode: number | null;
}

export async function attemptsOf(db: Db, runId: number): Promise<AttemptRow[]> {
  return db
    .select()
    .from(attempts)
    .where(eq(attempts.runId, runId))
    .orderBy(asc(attempts.index), asc(attempts.attempt));
}

export async function findAttempt(db: Db, at: AttemptId): Promise<AttemptRow | null> {
  const [row] = await db.select().from(attempts).where(isAt(at));
  return row ?? null;
}

/**
 * Begins an attempt, its stage with it; again, it changes nothing. Guarded by the claim like every write of a run, but in one statement:
 * each stage of each run makes it, and round trips are what a stage costs. Throws StaleClaim, having written nothing.
 */
export async function beginAttempt(
  db: Db,
  held: Claim,
  at: AttemptId,
  { key, startedAt }: { readonly key: string; readonly startedAt: Date },
): Promise<void> {
  const { rowCount } = await db.execute(sql`
    with run as (
      update runs set revision = revision + 1 where id = ${at.runId} and epoch = ${held.epoch} returning id
    ), attempts as (
      insert into attempts (run_id, index, attempt, key, status)
      select id, ${at.index}, ${at.attempt}, ${key}, 'running' from run on conflict do nothing returning run_id, index, attempt
    ), told as (
      ${stageEvent('stage.started', at, { status: 'running', reason: null })} from attempts ${stageJoins} returning id
    ), stage as (
      update stages set status = 'running', reason = null, attempt = ${at.attempt}, started_at = ${startedAt}, ended_at = null
      from run where stages.run_id = run.id and stages.index = ${at.index}
    )
    select ${changed('run', at.runId)}, ${changed('event', 'new')} from run`);
  if (rowCount === 0) throw new StaleClaim(held);
}

/** Ends an attempt and its stage, likewise in one statement. `supersededBy`: the newer run that the run gives way to. */
export async function endAttempt(
  db: Db,
  held: Claim,
  at: AttemptId,
  { status, reason, exitCode }: AttemptEnd,
  supersededBy: number | null,
): Promise<void> {
  const endedAt = new Date();
  const { rowCount } = await db.execute(sql`
    with run as (
      update runs set revision = revision + 1, superseded_by = coalesce(${supersededBy}, superseded_by)
      where id = ${at.runId} and epoch = ${held.epoch} returning id
    ), told as (
      ${stageEvent('stage.ended', at, { status, reason })}
      from attempts join run on run.id = attempts.run_id ${stageJoins}
      where attempts.index = ${at.index} and attempts.attempt = ${at.attempt} and attempts.ended_at is null returning id
    ), attempt as (
      update attempts set status = ${status}, reason = ${reason}, exit_code = ${exitCode}, ended_at = ${endedAt}
      from run where run_id = run.id and index = ${at.index} and attempt = ${at.attempt}
    ), stage as (
      update stages set status = ${status}, reason = ${reason}, deadline = null, ended_at = ${endedAt}
      from run where stages.run_id = run.id and stages.index = ${at.index}
    )
    select ${changed('run', at.runId)}, ${changed('event', 'new')} from run`);
  if (rowCount === 0) throw new StaleClaim(held);
}

/** What the stage's event says, from the rows that `attempts` has. The statement sees the attempt as it was before. */
const stageEvent = (name: EventName, { runId }: AttemptId, now: { status: Status; reason: string | null }) => sql`
  insert into events (project_id, name, actor, subject, data)
  select services.project_id, ${name}, 'towpath', ${`run/${runId}`}, ${stageData(now)}`;
const stageJoins = sql`
  join stages on stages.run_id = attempts.run_id and stages.index = attempts.index
  join runs on runs.id = attempts.run_id join services on services.id = runs.service_id`;

const isAt = ({ runId, index, attempt }: AttemptId) =>
  and(eq(attempts.runId, runId), eq(attempts.index, index), eq(attempts.attempt, attempt));

/** What an attempt's commands said of themselves, besides their exit. */
export async function noteAttempt(
  db: Db,
  at: AttemptId,
  said: { readonly report?: TestReport; readonly checks?: CheckResult[] },
): Promise<void> {
  await db.update(attempts).set(said).where(isAt(at));
}

/** The attempt of an approval, ended by whoever answers it, who holds the run's row. */
export async function answerAttempt(db: Db, at: AttemptId, status: Status, reason: string | null): Promise<void> {
  await appendStageEnds(db, at.runId, { status, reason });
  await db.update(attempts).set({ status, reason, endedAt: new Date() }).where(isAt(at));
}
