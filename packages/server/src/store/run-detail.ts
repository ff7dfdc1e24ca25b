import { TowpathError } from '@towpath/contract';
import type { AttemptRow } from './attempts.ts';
import type { Db } from './connect.ts';
import { and, asc, eq } from './drizzle.ts';
import { briefOfRun, type RunBrief } from './run-list.ts';
import type { StageRow } from './runs.ts';
import { attempts, projects, runs, services, stages } from './schema.ts';
import { type ServiceRow, serviceRow } from './services.ts';

export interface RunInFull {
  readonly run: RunBrief & { readonly revision: number };
  readonly service: ServiceRow;
  readonly stages: readonly { readonly stage: StageRow; readonly attempts: readonly AttemptRow[] }[];
}

/**
 * A run with all that people see of it. The stages are at least as new as the revision: whoever waits for another one misses nothing.
 * Throws `unknown_run`.
 */
export async function runInFull(db: Db, id: number): Promise<RunInFull> {
  const [found] = await db
    .select({ run: { ...briefOfRun, revision: runs.revision }, service: services, project: projects.name })
    .from(runs)
    .innerJoin(services, eq(services.id, runs.serviceId))
    .innerJoin(projects, eq(projects.id, services.projectId))
    .where(eq(runs.id, id));
  if (found === undefined) throw new TowpathError('unknown_run', `there is no run #${id}`);
  return { run: found.run, service: serviceRow(found), stages: await stagesWithAttempts(db, id) };
}

async function stagesWithAttempts(db: Db, runId: number): Promise<RunInFull['stages']> {
  const rows = await db
    .select({ stage: stages, attempt: attempts })
    .from(stages)
    .leftJoin(attempts, and(eq(attempts.runId, stages.runId), eq(attempts.index, stages.index)))
    .where(eq(stages.runId, runId))
    .orderBy(asc(stages.index), asc(attempts.attempt));
  const found = new Map<number, { stage: StageRow; attempts: AttemptRow[] }>();
  for (const { stage, attempt } of rows) {
    const of = found.get(stage.index) ?? { stage, attempts: [] };
    found.set(stage.index, of);
    if (attempt !== null) of.attempts.push(attempt);
  }
  return [...found.values()];
}
