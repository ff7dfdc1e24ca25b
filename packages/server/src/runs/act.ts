import { Status } from '@towpath/contract';
import type { z } from 'zod';
import type { DownloadUse } from '../artifacts/caches/downloads.ts';
import type { CacheScopes } from '../domain/cache/scope.ts';
import type { Claim } from '../domain/claim.ts';
import type { KeptLayer } from '../domain/path/kept.ts';
import { attemptKey, type PlannedStage } from '../domain/path/plan.ts';
import { failpoint } from '../failpoints.ts';
import { endAttempt, beginAttempt as recordBegin } from '../store/attempts.ts';
import type { Db } from '../store/connect.ts';
import { keepEnvironment } from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import { guarded } from '../store/guard.ts';
import {
  cancelledBy,
  claimSegment,
  type RunRow,
  runById,
  type StageRow,
  stagesOf,
  updateRun,
  updateStage,
} from '../store/runs.ts';
import { type ServiceRow, serviceById } from '../store/services.ts';
import type { RunHouse } from './house.ts';
import { removedReason } from './removed.ts';
import { workspaceFolder } from './workspace.ts';

/** The statuses that a stage's work can come to. */
export const StageOutcomeStatus = Status.exclude(['queued', 'running']);

/** How a stage ended, or that its run waits for a person. */
export type StageOutcome = {
  readonly status: z.infer<typeof StageOutcomeStatus>;
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** superseded: the newer run. */
  readonly by: number | null;
  /** waiting: until when, ISO 8601. */
  readonly deadline: string | null;
};

export const outcome = (
  status: StageOutcome['status'],
  reason: string | null = null,
  more: Partial<Pick<StageOutcome, 'exitCode' | 'by' | 'deadline'>> = {},
): StageOutcome => ({ status, reason, exitCode: null, by: null, deadline: null, ...more });

export const superseded = (by: number): StageOutcome => outcome('superseded', `superseded by run #${by}`, { by });

export const cancelled = (by: string, exitCode: number | null = null): StageOutcome =>
  outcome('cancelled', `cancelled by ${by}`, { exitCode });

/** Download caches that are kept for a run, and the variables that lead there. */
export interface OpenDownloads {
  readonly use: DownloadUse;
  readonly variables: Readonly<Record<string, string>>;
}

/** One execution of a run's segment: its claim, and the run and service as they were when it began. */
export class RunAct {
  readonly house: RunHouse;
  readonly claim: Claim;
  readonly run: RunRow;
  readonly service: ServiceRow;
  /** The layers of its settings, once they have been asked for; prepare adds what it finds. */
  layers: readonly KeptLayer[] | null = null;
  /** Which caches it may use, once that has been asked for. */
  scopes: CacheScopes | null = null;
  /** The download caches that its commands use. */
  downloads: Promise<OpenDownloads> | null = null;
  readonly plan: readonly PlannedStage[];
  /** The attempt of prepare when this execution began: one that wakes up late does not meet the files of a later one. */
  readonly prepared: number;
  /** Who wants the run to end, as soon as somebody does. */
  readonly cancelled: Promise<string>;
  readonly #over = new AbortController();

  private constructor(house: RunHouse, { claim, run, service, stages }: Begun) {
    this.house = house;
    this.claim = claim;
    this.run = run;
    this.service = service;
    this.plan = stages.map((each) => each.plan);
    this.prepared = Math.max(1, stages[0]?.attempt ?? 1);
    this.cancelled = this.#cancelled();
    // Who does not run a command does not ask.
    this.cancelled.catch(() => {});
  }

  /** Takes the run over; from here on no earlier execution can write. Null when there is nothing left to do in this segment. */
  static async begin(house: RunHouse, runId: number, segment: number): Promise<RunAct | null> {
    const claimed = await claimSegment(house.db, runId, segment);
    if (claimed === null) return null;
    failpoint('run.claimed');
    const [service, stages] = await Promise.all([
      serviceById(house.db, claimed.run.serviceId),
      stagesOf(house.db, runId),
    ]);
    return new RunAct(house, { ...claimed, service, stages });
  }

  /** Nobody listens any more for who wants the run to end. */
  close(): void {
    this.#over.abort();
  }

  #cancelled(): Promise<string> {
    const { house, run } = this;
    const { signal } = this.#over;
    const look = () => cancelledBy(house.db, run.id);
    return house.changes.until('cancel', run.id, look, { signal }).catch((error: unknown) => {
      if (signal.aborted) return new Promise<never>(() => {});
      throw error;
    });
  }

  /** The folder that the run's checks work in. */
  get workspace(): string {
    return workspaceFolder(this.house.workspaces, this.run.id, this.prepared);
  }

  stages(): Promise<StageRow[]> {
    return stagesOf(this.house.db, this.run.id);
  }

  /** A write that misses when another execution has taken the run over. */
  write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return guarded(this.house.db, this.claim, work);
  }
}

interface Begun {
  readonly claim: Claim;
  readonly run: RunRow;
  readonly service: ServiceRow;
  readonly stages: readonly StageRow[];
}

/** What a stage does gets this: which attempt it is, and the key of its effects. */
export interface Attempt {
  readonly act: RunAct;
  readonly index: number;
  readonly stage: PlannedStage;
  readonly number: number;
  readonly key: string;
  readonly startedAt: Date;
}

/** Records that the attempt has begun; again after a crash, it finds it recorded. */
export async function beginAttempt(act: RunAct, row: StageRow): Promise<Attempt> {
  const number = Math.max(1, row.attempt);
  const key = attemptKey(act.run.id, row.plan, number);
  const { index } = row;
  const startedAt = (row.status === 'running' ? row.startedAt : null) ?? new Date();
  if (row.status !== 'running') {
    const begun = { key, startedAt };
    await recordBegin(act.house.db, act.claim, { runId: act.run.id, index, attempt: number }, begun);
    failpoint('stage.begun');
  }
  return { act, index, stage: row.plan, number, key, startedAt };
}

/** Records how the attempt ended, and answers with it; an approval that waits is not an end. */
export async function recordOutcome(attempt: Attempt, given: StageOutcome): Promise<StageOutcome> {
  const { act, index, number } = attempt;
  const recorded = given.status === 'waiting' ? await recordWait(attempt, given) : given;
  if (recorded.status !== 'waiting') {
    await endAttempt(act.house.db, act.claim, { runId: act.run.id, index, attempt: number }, recorded, recorded.by);
  }
  failpoint('stage.recorded');
  return recorded;
}

/**
 * A cancel that came meanwhile is seen here, where nobody can cancel at the same moment: nobody would look at it while the run waits. So is
 * the removal of the environment that it would wait for.
 */
function recordWait({ act, index, stage }: Attempt, given: StageOutcome): Promise<StageOutcome> {
  return act.write(async (tx) => {
    const { cancelledBy } = await runById(tx, act.run.id);
    if (cancelledBy !== null) return cancelled(cancelledBy);
    const asked = await keepEnvironment(tx, act.service.projectId, stage.environment ?? '');
    const gone = asked === null ? null : removedReason(asked);
    if (gone !== null) return outcome('skipped', gone);
    const { status, reason } = given;
    const deadline = given.deadline === null ? null : new Date(given.deadline);
    await updateStage(tx, act.run.id, index, { status, reason, deadline, endedAt: null });
    await updateRun(tx, act.run.id, { status, reason, deadline });
    await appendEvent(tx, {
      name: 'run.waiting',
      actor: 'towpath',
      subject: `run/${act.run.id}`,
      data: { environment: stage.environment, reason, deadline: given.deadline },
    });
    return given;
  });
}
