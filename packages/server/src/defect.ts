import type { Db } from './store/connect.ts';
import { transaction } from './store/connect.ts';
import { deploymentById, endDeployment } from './store/deployments.ts';
import { endJob, lockJob } from './store/jobs.ts';
import { endRun, lockRun } from './store/runs.ts';

/** A workflow that threw is over: what it worked on says so, instead of staying for ever. */
export async function endAfterDefect(db: Db, workflow: string, id: string, error: unknown): Promise<void> {
  const number = Number(id.split('/')[1]);
  const reason = `a defect in Towpath ended it: ${error instanceof Error ? error.message : String(error)}`;
  await transaction(db, async (tx) => {
    if (workflow === 'deployment') {
      const row = await deploymentById(tx, number);
      if (row.endedAt === null) await endDeployment(tx, number, { status: 'failed', reason });
      return;
    }
    if (workflow === 'job') {
      const row = await lockJob(tx, number);
      if (row.endedAt === null) await endJob(tx, number, { status: 'failed', reason, exitCode: null });
      return;
    }
    const run = await lockRun(tx, number);
    if (run.endedAt === null) await endRun(tx, number, { status: 'failed', reason }, { status: 'skipped', reason });
  });
}
