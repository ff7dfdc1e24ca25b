import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { INTERNAL_QUEUE_NAME } from '@dbos-inc/dbos-sdk/internal/utils';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type pg from 'pg';
import { failpoint } from '../failpoints.ts';
import type { Engine, StepResult, WorkflowBody, WorkflowContext, WorkflowInput } from './engine.ts';
import { enginePool, engineSchema, libraryLog, listenNotify } from './engine-database.ts';
import { type Fatal, interruption, never } from './interruption.ts';
import { leaseSession } from './lease.ts';
import type { Log } from './log.ts';

/** Set by hand: the library's default hashes the code, and every upgrade would strand the workflows in progress. */
const engineVersion = 'engine-1';

/** The library gives a workflow up after so many recoveries; ours are never given up. Fits its integer column. */
const recoveries = 2_000_000_000;

/** The library's scheduler is not used; it asks the database this seldom. */
const schedulerMs = 24 * 3_600_000;

/** Old workflows are removed in transactions of this many: a short one keeps nobody waiting. */
const forgetAtOnce = 500;

export interface DbosEngineOptions {
  readonly databaseUrl: string;
  /** Of this process alone, and the one that its lease is on. */
  readonly executorId: string;
  /** Connections at most. */
  readonly connections?: number;
  readonly log: Log;
  /** Asked before every step: resolves while the lease is held, never once it is lost. */
  readonly confirmLease: () => Promise<void>;
  /** Says of an error that the database could not be reached or cut the connection. */
  readonly isAway: (error: unknown) => boolean;
  /** Ends the process. */
  readonly fatal: Fatal;
  /** A workflow threw: it ends for good once this has resolved. At least once for a workflow. */
  readonly onDefect: (workflow: string, id: string, error: unknown) => Promise<void>;
}

/** What recovery sees. */
export interface Abandoned {
  /** With unfinished workflows, and a lease that nobody holds. */
  readonly executors: readonly string[];
  /** Are there workflows that wait to be adopted? */
  readonly waiting: boolean;
  /** The database's sessions that hold a lease: one for each server that lives, with or without workflows. */
  readonly leases: readonly number[];
}

/** The engine on DBOS Transact. One to a process: the library keeps its state in globals. */
export class DbosEngine implements Engine {
  readonly #options: DbosEngineOptions;
  readonly #pool: pg.Pool;
  readonly #workflows = new Map<string, (id: string, input: WorkflowInput) => Promise<void>>();
  /** A listener that a step has woken must not start workflows as that step's children: starts run outside of all workflows. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(options: DbosEngineOptions) {
    this.#options = options;
    this.#pool = enginePool(options.databaseUrl, options.connections ?? 8, options.log);
    DBOS.setConfig({
      name: 'towpath',
      systemDatabaseUrl: options.databaseUrl,
      systemDatabasePool: this.#pool,
      systemDatabaseSchemaName: engineSchema,
      runMigrations: false,
      executorID: options.executorId,
      applicationVersion: engineVersion,
      enablePatching: true,
      useListenNotify: listenNotify,
      listenQueues: [],
      schedulerPollingIntervalMs: schedulerMs,
      enableOTLP: false,
      tracingEnabled: false,
      logger: libraryLog(options.log),
    });
  }

  define<I extends WorkflowInput>(name: string, body: WorkflowBody<I>): void {
    const run = async (input: I): Promise<void> => {
      const id = DBOS.workflowID;
      if (id === undefined) throw new Error(`the workflow ${name} was called without an id`);
      const context: WorkflowContext = {
        id,
        step: (step, action) => this.#step(step, action),
        confirm: this.#options.confirmLease,
      };
      try {
        await body(context, input);
      } catch (error) {
        await this.#giveWay(error);
        this.#options.log('error', `the workflow ${name} ${id} threw and ends: ${String(error)}`);
        await this.#unlessInterrupted(() => this.#options.onDefect(name, id, error));
        throw error;
      }
    };
    const registered = DBOS.registerWorkflow(run, { name, maxRecoveryAttempts: recoveries });
    this.#workflows.set(name, async (id, input) => {
      // The caller's `start` was typed by the same name; what is stored is JSON either way.
      await DBOS.startWorkflow(registered, { workflowID: id })(input as I);
    });
  }

  /** Makes the engine ready for `start`. The library's tables are migrated before, the lease is held, all workflows are defined. */
  async launch(): Promise<void> {
    await DBOS.launch();
    // Its loops for queues and time-outs serve features that are not used here, at several commits a second.
    wfQueueRunner.stop();
    await executor().stopWorkflowTimeoutSweep();
    // Its telemetry, exported nowhere, wakes the process ten times a second.
    await executor().logger.destroy();
  }

  /** Lets go of the database. Workflows in progress stop being recorded; another server takes them over. */
  async close(): Promise<void> {
    await DBOS.shutdown();
    await this.#pool.end();
  }

  async start<I extends WorkflowInput>(name: string, id: string, input: I): Promise<void> {
    const start = this.#workflows.get(name);
    if (start === undefined) throw new Error(`no workflow is defined as ${name}`);
    await this.#outside(() => start(id, input));
    failpoint('engine.start.recorded');
  }

  async unknown(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const known = await this.#pool.query<{ id: string }>(
      `select workflow_uuid as id from ${engineSchema}.workflow_status where workflow_uuid = any($1::text[])`,
      [ids],
    );
    const found = new Set(known.rows.map((row) => row.id));
    return ids.filter((id) => !found.has(id));
  }

  /** One cheap query. The lock that is looked for is the one that Lease takes. */
  async abandoned(): Promise<Abandoned> {
    const { rows } = await this.#pool.query<AbandonedRow>(abandonedQuery, [
      engineVersion,
      this.#options.executorId,
      INTERNAL_QUEUE_NAME,
      leaseSession,
    ]);
    const { executors, waiting, leases } = rows[0] ?? { executors: null, waiting: false, leases: null };
    return { executors: executors ?? [], waiting, leases: leases ?? [] };
  }

  /**
   * Gives an executor's unfinished workflows free for adoption, at once and for good: from now on that executor can neither record
   * a step nor an end of them. Twice, or from two servers at a time, does no harm. Resolves with how many there were.
   */
  async release(executorId: string): Promise<number> {
    const handles = await executor().recoverPendingWorkflows([executorId]);
    failpoint('engine.released');
    return handles.length;
  }

  /** Goes on with released workflows, each in one server only. Resolves with how many this one took. */
  async adopt(): Promise<number> {
    const queue = wfQueueRunner.getInternalQueue(INTERNAL_QUEUE_NAME);
    if (queue === undefined) throw new Error('the engine is not launched');
    const owner = randomUUID();
    const ids = await this.#outside(() =>
      executor().systemDatabase.findAndMarkStartableWorkflows(
        queue,
        this.#options.executorId,
        engineVersion,
        undefined,
        0,
        0,
        owner,
      ),
    );
    if (ids.length > 0) await this.#outside(() => executor().dispatchDequeuedWorkflows(ids, owner));
    return ids.length;
  }

  /** Removes what is remembered of workflows that ended before this time. Those in progress stay, however old. Resolves with how many. */
  async forget(endedBefore: Date): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const { rows } = await this.#pool.query<{ id: string }>(
        `select workflow_uuid as id from ${engineSchema}.workflow_status
         where status in ('SUCCESS', 'ERROR', 'CANCELLED') and updated_at < $1 limit $2`,
        [endedBefore.getTime(), forgetAtOnce],
      );
      await executor().systemDatabase.deleteWorkflows(rows.map(({ id }) => id));
      forgotten += rows.length;
      if (rows.length < forgetAtOnce) return forgotten;
    }
  }

  async #step<T extends StepResult>(name: string, action: () => Promise<T>): Promise<T> {
    await this.#options.confirmLease();
    const act = async () => {
      failpoint('engine.step.begun');
      const result = await this.#unlessInterrupted(action);
      failpoint('engine.step.done');
      return result;
    };
    const result = await this.#unlessInterrupted(() => DBOS.runStep(act, { name }));
    failpoint('engine.step.recorded');
    return result;
  }

  /** Runs the action; when it throws what ends the server, it stays pending, so that nothing is recorded of it. */
  async #unlessInterrupted<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      await this.#giveWay(error);
      throw error;
    }
  }

  /** Ends the server and stays pending, when the error is a reason to. */
  async #giveWay(error: unknown): Promise<void> {
    const reason =
      error instanceof DBOSWorkflowConflictError ? 'stale claim' : interruption(error, this.#options.isAway);
    if (reason === null) return;
    this.#options.fatal(reason, error);
    await never();
  }
}

function executor(): DBOSExecutor {
  if (DBOSExecutor.globalInstance === undefined) throw new Error('the engine is not launched');
  return DBOSExecutor.globalInstance;
}

interface AbandonedRow {
  readonly executors: string[] | null;
  readonly waiting: boolean;
  readonly leases: number[] | null;
}

const abandonedQuery = `
  with pending as materialized (
    select distinct executor_id as executor from ${engineSchema}.workflow_status
    where status = 'PENDING' and application_version = $1 and executor_id <> $2
  )
  select
    (select array_agg(executor) from pending where not exists (
      select from pg_locks
      where locktype = 'advisory' and granted and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended(executor, 0)
    )) as executors,
    exists (
      select from ${engineSchema}.workflow_status
      where status = 'ENQUEUED' and application_version = $1 and queue_name = $3
    ) as waiting,
    (select array_agg(pid) from pg_stat_activity where application_name = $4 and datname = current_database()) as leases`;
