import type { Lane } from '../../engine/dispatcher.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Topic } from '../../store/changes.ts';
import { type Db, transaction } from '../../store/connect.ts';
import { appendEvent } from '../../store/events.ts';
import { type JobRow, lockJob, openJobs, updateJob } from '../../store/jobs.ts';
import { jobWorkflowId } from './workflow.ts';

/** Starts queued jobs, and those whose start a crash swallowed. They wait for nobody: a person asked. */
export function jobLane(db: Db, engine: Engine): Lane<Topic> {
  return {
    name: 'jobs',
    topics: ['job-queue'],
    async dispatch() {
      const open = await openJobs(db);
      for (const job of open) if (job.status === 'queued') await transaction(db, (tx) => begin(tx, job));
      const missing = new Set(await engine.unknown(open.map((each) => jobWorkflowId(each.id))));
      for (const { id } of open) {
        if (missing.has(jobWorkflowId(id))) await engine.start('job', jobWorkflowId(id), { job: id });
      }
    },
  };
}

async function begin(tx: Db, { id }: JobRow): Promise<void> {
  const row = await lockJob(tx, id);
  if (row.status !== 'queued') return;
  await updateJob(tx, id, { status: 'running' });
  await appendEvent(tx, { name: 'job.started', actor: 'towpath', subject: `job/${id}`, data: {} });
}
