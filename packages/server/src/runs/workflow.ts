import { type PlannedStage, stageName } from '../domain/path/plan.ts';
import type { WorkflowBody, WorkflowContext } from '../engine/engine.ts';
import { refusalOf } from '../engine/refusal.ts';
import { failpoint } from '../failpoints.ts';
import { endRun, type StageRow, stageNow } from '../store/runs.ts';
import {
  type Attempt,
  beginAttempt,
  cancelled,
  outcome,
  RunAct,
  recordOutcome,
  type StageOutcome,
  StageOutcomeStatus,
} from './act.ts';
import { leaveDownloads } from './downloads.ts';
import type { RunHouse } from './house.ts';
import { approval } from './stages/approval.ts';
import { build } from './stages/build.ts';
import { quality, unit } from './stages/check.ts';
import { deploy } from './stages/deploy.ts';
import { prepare } from './stages/prepare.ts';
import { endSuperseded } from './supersede.ts';
import { removeWorkspaces } from './workspace.ts';

/** A run's segments: the first, and one after each wait for a person and for each rerun. */
export const runWorkflowId = (run: number, segment: number): string => `run/${run}/${segment}`;

const performers: Record<PlannedStage['kind'], (attempt: Attempt) => Promise<StageOutcome>> = {
  prepare,
  quality,
  unit,
  build,
  approval,
  deploy,
};

/**
 * Walks the stages of a run from the segment's first on, until one fails, one waits for a person, or all are done. The stages' own rows say
 * what is done: whoever begins again after a crash finds it there, so that the engine need not remember it as well
 * (docs/decisions/0010-stages-without-steps.md).
 */
export function runWorkflow(house: RunHouse): WorkflowBody<{ run: number; segment: number }> {
  return async (context, input) => {
    await context.confirm();
    const act = await RunAct.begin(house, input.run, input.segment);
    if (act === null) return;
    try {
      await walk(act, context);
      await leaveDownloads(act);
    } finally {
      act.close();
    }
  };
}

async function walk(act: RunAct, context: WorkflowContext): Promise<void> {
  for (let index = act.run.fromStage; index < act.plan.length; index++) {
    await context.confirm();
    const ended = await perform(act, index);
    if (ended.status === 'waiting') return;
    if (ended.status !== 'succeeded' && ended.status !== 'skipped') {
      await context.confirm();
      return end(act, index, ended);
    }
  }
  await context.confirm();
  await succeed(act);
}

async function perform(act: RunAct, index: number): Promise<StageOutcome> {
  const { stage: row, cancelledBy, supersededBy } = await stageNow(act.house.db, act.run.id, index);
  if (row.status !== 'queued' && row.status !== 'running') return recorded(row, supersededBy);
  if (cancelledBy !== null && row.status === 'queued') return cancelled(cancelledBy);
  const attempt = await beginAttempt(act, row);
  return recordOutcome(attempt, await performers[row.plan.kind](attempt).catch(asFailure));
}

/** The end that was written before a crash. */
function recorded(row: StageRow, supersededBy: number | null): StageOutcome {
  const status = StageOutcomeStatus.parse(row.status);
  return outcome(status, row.reason, status === 'superseded' ? { by: supersededBy } : {});
}

const asFailure = (error: unknown): StageOutcome => outcome('failed', refusalOf(error));

async function end(act: RunAct, index: number, ended: StageOutcome): Promise<void> {
  // A person may rerun a failed stage in the files that it had.
  if (ended.status !== 'failed') await removeWorkspaces(act);
  const stage = act.plan[index];
  const name = stage === undefined ? '' : stageName(stage);
  await act.write(async (tx) => {
    if (ended.by !== null) return endSuperseded(tx, act.run.id, 'running', ended.by);
    const status = ended.status === 'waiting' ? 'failed' : ended.status;
    const reason = ended.reason === null ? name : `${name}: ${ended.reason}`;
    const why = status === 'cancelled' && ended.reason !== null ? ended.reason : `${name} ${status.replace('_', ' ')}`;
    await endRun(tx, act.run.id, { status, reason }, { status: 'skipped', reason: why });
  });
  failpoint('run.ended');
}

async function succeed(act: RunAct): Promise<void> {
  await removeWorkspaces(act);
  const skipped = (await act.stages()).filter((each) => each.plan.kind === 'deploy' && each.status === 'skipped');
  const reason =
    skipped.length === 0 ? null : skipped.map((each) => `${stageName(each.plan)}: ${each.reason}`).join('; ');
  await act.write((tx) => endRun(tx, act.run.id, { status: 'succeeded', reason }, { status: 'skipped', reason: '' }));
  failpoint('run.ended');
}
