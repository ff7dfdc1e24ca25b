import type { StageKind } from '@towpath/contract';

/** An environment as the path sees it. */
export interface PathEnvironment {
  readonly name: string;
  readonly admission: 'auto' | 'approve' | 'manual';
  /** How long its approval is waited for, in milliseconds. */
  readonly approvalMs: number;
  /** What the settings say for it alone: a command of its own, or false. */
  readonly own?: OwnCommands | undefined;
}

export interface OwnCommands {
  /** Tests of its own, before its deployment; false: a run that goes only to such environments has no unit stage. */
  readonly test?: string | false | undefined;
  readonly beforeDeploy?: string | false | undefined;
}

export interface PlannedStage {
  readonly kind: StageKind;
  /** deploy and approval name theirs; the others have none. */
  readonly environment: string | null;
  /** approval: how long it is waited for. */
  readonly deadlineMs: number | null;
  /** deploy: commands that run before it, in this order; absent when there are none. */
  readonly before?: readonly BeforeDeploy[];
  /** Why it is not done, in plain words, where the plan knows already. */
  readonly skip?: string;
}

export interface BeforeDeploy {
  readonly what: 'test' | 'beforeDeploy';
  readonly command: string;
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
 * A branch without an environment is tested only. Tests are left out when each environment that is entered has switched them off.
 */
export function planPath(environments: readonly PathEnvironment[]): PlannedStage[] {
  const plain = (kind: StageKind): PlannedStage => ({ kind, environment: null, deadlineMs: null });
  const entered = environments.filter((environment) => environment.admission !== 'manual');
  const untested = entered.length > 0 && entered.every(({ own }) => own?.test === false);
  const names = entered.map(({ name }) => name).join(' and ');
  const unit = untested ? { ...plain('unit'), skip: `switched off for ${names}` } : plain('unit');
  const stages = [plain('prepare'), plain('quality'), unit];
  if (entered.length > 0) stages.push(plain('build'));
  for (const environment of entered) {
    if (environment.admission === 'approve') {
      stages.push({ kind: 'approval', environment: environment.name, deadlineMs: environment.approvalMs });
    }
    const before = beforeDeploy(environment.own ?? {});
    const deploy: PlannedStage = { kind: 'deploy', environment: environment.name, deadlineMs: null };
    stages.push(before.length === 0 ? deploy : { ...deploy, before });
  }
  return stages;
}

function beforeDeploy(own: OwnCommands): BeforeDeploy[] {
  return (['test', 'beforeDeploy'] as const).flatMap((what) => {
    const command = own[what];
    return command === undefined || command === false ? [] : [{ what, command }];
  });
}
