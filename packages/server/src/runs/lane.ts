import { admitRuns } from '../domain/admission/runs.ts';
import type { Lane } from '../engine/dispatcher.ts';
import type { Engine } from '../engine/engine.ts';
import { failpoint } from '../failpoints.ts';
import type { Topic } from '../store/changes.ts';
import { type Db, transaction } from '../store/connect.ts';
import { dispatchLock } from '../store/dispatch-lock.ts';
import { appendEvent } from '../store/events.ts';
import { type AdmissionRow, admissibleRuns, lockRunStill, type RunRow, updateRun } from '../store/runs.ts';
import { endSuperseded } from './supersede.ts';
import { runWorkflowId } from './workflow.ts';

/** Starts queued runs, at most so many at once, and those whose start a crash swallowed. */
export function runLane(db: Db, engine: Engine, limit: number): Lane<Topic> {
  return {
    name: 'runs',
    topics: ['run-queue'],
    async dispatch() {
      const open = await admissibleRuns(db);
      // With nothing to decide nobody needs the lock: the common case, each second.
      const decide = open.some((run) => run.status === 'queued');
      const running = decide ? await transaction(db, (tx) => admit(tx, limit)) : inProgress(open);
      failpoint('run.admitted');
      const ids = running.map((run) => runWorkflowId(run.id, run.segment));
      const missing = new Set(await engine.unknown(ids));
      for (const run of running) {
        const id = runWorkflowId(run.id, run.segment);
        if (missing.has(id)) await engine.start('run', id, { run: run.id, segment: run.segment });
      }
    },
  };
}

type Admitted = Pick<RunRow, 'id' | 'segment'>;

/** Writes what the rules decide, one server at a time. Answers with all runs in progress, those that begin now among them. */
async function admit(tx: Db, limit: number): Promise<Admitted[]> {
  await dispatchLock(tx, 'runs');
  const open = await admissibleRuns(tx);
  const decision = admitRuns(open, limit);
  for (const { run, by } of decision.supersede) await endSuperseded(tx, run, 'queued', by);
  const started: Admitted[] = [];
  for (const id of decision.start) {
    // Cancelled since it was looked at.
    if ((await lockRunStill(tx, id, 'queued')) === null) continue;
    started.push(await updateRun(tx, id, { status: 'running', reason: null, startedAt: new Date() }));
    await appendEvent(tx, { name: 'run.started', actor: 'towpath', subject: `run/${id}`, data: {} });
  }
  return [...inProgress(open), ...started];
}

const inProgress = (open: readonly AdmissionRow[]): Admitted[] => open.filter((run) => run.status === 'running');
