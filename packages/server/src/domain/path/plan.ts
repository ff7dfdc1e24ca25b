import type { StageKind } from '@towpath/contract';

/** An environment as the path sees it. */
export interface PathEnvironment {
  readonly name: string;
  readonly admission: 'auto' | 'approve' | 'manual';
  /** How long its approval is waited for, in milliseconds. */
  readonly approvalMs: number;
}

export interface PlannedStage {
  readonly kind: StageKind;
  /** deploy and approval name theirs; the others have none. */
  readonly environment: string | null;
  /** approval: how long it is waited for. */
  readonly deadlineMs: number | null;
}

/** `unit`, or `deploy staging`: how people read a stage's name, and how they type it (`deploy/staging`). */
export function stageName(stage: Pick<PlannedStage, 'kind' | 'environment'>, separator: ' ' | '/' = ' '): string {
  return stage.environment === null ? stage.kind : `${stage.kind}${separator}${stage.environment}`;
}

/** The key of one attempt: `<run>:<kind>/<environment>:<attempt>`. */
export function attemptKey(run: number, stage: Pick<PlannedStage, 'kind' | 'environment'>, attempt: number): string {
  return `${run}:${stageName(stage, '/')}:${attempt}`;
}

/**
 * The stages of a run, in order: the commit's own (prepare, quality, unit, build), then for each environment that the branch is bound
 * to, in the given order, a deploy, behind an approval where the environment asks for one. A `manual` environment is left out.
 * A branch without an environment is tested only.
 */
export function planPath(environments: readonly PathEnvironment[]): PlannedStage[] {
  const plain = (kind: StageKind): PlannedStage => ({ kind, environment: null, deadlineMs: null });
  const stages = [plain('prepare'), plain('quality'), plain('unit')];
  const entered = environments.filter((environment) => environment.admission !== 'manual');
  if (entered.length > 0) stages.push(plain('build'));
  for (const environment of entered) {
    if (environment.admission === 'approve') {
      stages.push({ kind: 'approval', environment: environment.name, deadlineMs: environment.approvalMs });
    }
    stages.push({ kind: 'deploy', environment: environment.name, deadlineMs: null });
  }
  return stages;
}
