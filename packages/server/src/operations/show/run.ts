import type { RunDetail, RunSummary, StageView } from '@towpath/contract';
import { stageName } from '../../domain/path/plan.ts';
import type { AttemptRow } from '../../store/attempts.ts';
import type { Db } from '../../store/connect.ts';
import { runInFull } from '../../store/run-detail.ts';
import type { RunBrief } from '../../store/run-list.ts';
import type { StageRow } from '../../store/runs.ts';
import type { ServiceRow } from '../../store/services.ts';

export const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function runSummary(run: RunBrief, service: ServiceRow): RunSummary {
  return {
    run: run.id,
    project: service.project,
    service: service.name,
    branch: run.branch,
    commit: run.commit,
    message: run.message,
    author: run.author,
    trigger: run.trigger,
    requestedBy: run.requestedBy,
    status: run.status,
    reason: run.reason,
    deadline: iso(run.deadline),
    artifact: run.artifactDigest,
    supersededBy: run.supersededBy,
    createdAt: run.createdAt.toISOString(),
    startedAt: iso(run.startedAt),
    endedAt: iso(run.endedAt),
  };
}

export async function runDetail(db: Db, id: number): Promise<RunDetail> {
  const { run, service, stages } = await runInFull(db, id);
  return {
    ...runSummary(run, service),
    revision: run.revision,
    stages: stages.map(({ stage, attempts }) => stageView(stage, attempts)),
  };
}

function stageView(stage: StageRow, attempts: readonly AttemptRow[]): StageView {
  return {
    kind: stage.plan.kind,
    environment: stage.plan.environment,
    name: stageName(stage.plan),
    status: stage.status,
    reason: stage.reason,
    deadline: iso(stage.deadline),
    attempt: stage.attempt,
    startedAt: iso(stage.startedAt),
    endedAt: iso(stage.endedAt),
    answeredBy: stage.answeredBy,
    deployment: stage.deploymentId,
    attempts: attempts.map((each) => ({
      attempt: each.attempt,
      status: each.status,
      reason: each.reason,
      exitCode: each.exitCode,
      report: each.report,
      checks: each.checks,
      startedAt: each.startedAt.toISOString(),
      endedAt: iso(each.endedAt),
    })),
  };
}
