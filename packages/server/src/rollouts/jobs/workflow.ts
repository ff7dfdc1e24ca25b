import type { WorkflowBody } from '../../engine/engine.ts';
import { refusalOf } from '../../engine/refusal.ts';
import type { CommandState } from '../../executors/executor.ts';
import { createMask } from '../../secrets/mask.ts';
import { claim, guarded } from '../../store/guard.ts';
import { endJob, type JobEnd, type JobRow, jobById } from '../../store/jobs.ts';
import { releaseById } from '../../store/releases.ts';
import { targetById } from '../../store/targets.ts';
import { partsOf } from '../act.ts';
import { commandEnd } from '../command.ts';
import { releaseEnvironment, releaseFolder } from '../desired.ts';
import type { RolloutHouse } from '../house.ts';
import { requireThoseOf } from '../toolchains.ts';

export const jobWorkflowId = (job: number): string => `job/${job}`;

/** The key of a job's command, which runs once, and of its log. */
export const jobCommandKey = (job: number): string => `job/${job}`;

/** Runs a job's command in the folder and with the environment of the release that was live when it was asked for, and records its end. */
export function jobWorkflow(house: RolloutHouse): WorkflowBody<{ job: number }> {
  return async (context, input) => {
    await context.step('run', async () => {
      const row = await jobById(house.db, input.job);
      if (row.endedAt !== null) return null;
      const held = await claim(house.db, 'job', row.id);
      const end = await commandOf(house, row, held).catch((error: unknown): JobEnd => {
        return { status: 'failed', reason: refusalOf(error), exitCode: null };
      });
      await guarded(house.db, held, (tx) => endJob(tx, row.id, end));
      return null;
    });
  };
}

async function commandOf(house: RolloutHouse, row: JobRow, held: Awaited<ReturnType<typeof claim>>): Promise<JobEnd> {
  const release = await releaseById(house.db, row.releaseId);
  await requireThoseOf(house, release);
  const parts = await partsOf(house, await targetById(house.db, row.targetId), release);
  const command = {
    argv: row.argv,
    cwd: releaseFolder(parts),
    env: releaseEnvironment(parts),
    timeoutMs: row.timeoutMs,
  };
  const by = async () => (await jobById(house.db, row.id)).cancelledBy;
  const key = jobCommandKey(row.id);
  const log = { key, mask: createMask(Object.values(parts.secrets)) };
  const { state, wish } = await commandEnd(house, { key, command, claim: held, log }, ['job', row.id, by]);
  return endOf(state, wish);
}

/** What comes of a command's end. Ended by itself with 0 it is what it is, whoever wanted its end meanwhile. */
function endOf({ status, exitCode, reason }: CommandState, cancelledBy: string | null): JobEnd {
  if (exitCode === 0) return { status: 'succeeded', reason: null, exitCode };
  if (cancelledBy !== null) return { status: 'cancelled', reason: `cancelled by ${cancelledBy}`, exitCode };
  if (status === 'cancelled') return { status: 'cancelled', reason: 'ended from outside', exitCode };
  return { status: 'failed', reason: reason ?? `exited with code ${exitCode}`, exitCode };
}
