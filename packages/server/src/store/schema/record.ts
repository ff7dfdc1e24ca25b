/**
 * The record that people and the API read. The workflow library's own tables (schema `dbos`) only remember progress.
 * Times are `timestamptz`; money-like exactness is nowhere needed; ids are small integers because people type them.
 */
import type {
  CheckResult,
  DeploymentCause,
  ReleaseCause,
  SettingsLayer,
  Status,
  TestReport,
  Trigger,
} from '@towpath/contract';
import type { KeptLayer } from '../../domain/path/kept.ts';
import type { PlannedStage } from '../../domain/path/plan.ts';
import type { ResolvedCommands, ServiceSettings } from '../../domain/path/settings.ts';
import type { RolloutStep } from '../../domain/rollout/plan.ts';
import type { TargetRoute } from '../../domain/rollout/route.ts';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '../drizzle.ts';
import { at, bytea, id } from './columns.ts';

export const projects = pgTable('projects', {
  id: id(),
  name: text('name').notNull().unique(),
  /** What holds for all of its services, where they don't say otherwise. */
  settings: jsonb('settings').$type<SettingsLayer>().notNull().default({}),
  createdAt: at('created_at').notNull().defaultNow(),
});

export const services = pgTable(
  'services',
  {
    id: id(),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    /** In rows of before there were layers the whole with its defaults: `givenSettings` reads both. */
    settings: jsonb('settings').$type<SettingsLayer>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('services_name').on(t.projectId, t.name)],
);

export const environments = pgTable(
  'environments',
  {
    id: id(),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    /** Null: each service's own main branch. */
    branch: text('branch'),
    /** auto | approve | manual */
    admission: text('admission').$type<'auto' | 'approve' | 'manual'>().notNull(),
    /** Environments of one branch are entered in this order. */
    position: integer('position').notNull(),
    /** How long an approval is waited for. */
    approvalMs: bigint('approval_ms', { mode: 'number' }).notNull(),
    /** closing: what is live there is being torn down, nothing comes any more. removed: kept for the record of its releases only. */
    state: text('state').$type<'open' | 'closing' | 'removed'>().notNull().default('open'),
  },
  (t) => [uniqueIndex('environments_name').on(t.projectId, t.name)],
);

/** A service in an environment: what is live there, who may change it. */
export const targets = pgTable(
  'targets',
  {
    id: id(),
    serviceId: integer('service_id')
      .notNull()
      .references(() => services.id),
    environmentId: integer('environment_id')
      .notNull()
      .references(() => environments.id),
    /** Grows with every claim; an effect or write of an older one is refused. */
    epoch: integer('epoch').notNull().default(0),
    /** The release that users get now. */
    releaseId: integer('release_id'),
    replicas: integer('replicas').notNull().default(1),
    /** How many replicas of a worker, by name, where it is not what the release says. */
    workers: jsonb('workers').$type<Record<string, number>>().notNull().default({}),
    heldBy: text('held_by'),
    heldReason: text('held_reason'),
    heldAt: at('held_at'),
    /** Of the replicas in the routes, as `2/3`, when it was last told; null: none is. */
    health: text('health'),
    /** This target's part of the route table, as last decided. Null: not served. */
    route: jsonb('route').$type<TargetRoute>(),
  },
  (t) => [uniqueIndex('targets_pair').on(t.serviceId, t.environmentId)],
);

/** One row: the generation of the route table, raised in the transaction that changes any target's route. */
export const routeGeneration = pgTable(
  'route_generation',
  {
    one: boolean('one').primaryKey().default(true),
    generation: integer('generation').notNull().default(0),
  },
  (t) => [check('route_generation_one', sql`${t.one}`)],
);

/** Host names in use, so that a collision between services is refused when it is made, not when it is served. */
export const hosts = pgTable('hosts', {
  name: text('name').primaryKey(),
  targetId: integer('target_id')
    .notNull()
    .references(() => targets.id),
});

export const configEntries = pgTable(
  'config_entries',
  {
    targetId: integer('target_id')
      .notNull()
      .references(() => targets.id),
    key: text('key').notNull(),
    /** Plain for config; null for a secret. */
    value: text('value'),
    /** AES-256-GCM: nonce, tag, ciphertext; bound to target and key. */
    sealed: bytea('sealed'),
    changedBy: text('changed_by').notNull(),
    changedAt: at('changed_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.targetId, t.key] })],
);

export const runs = pgTable(
  'runs',
  {
    id: id(),
    serviceId: integer('service_id')
      .notNull()
      .references(() => services.id),
    branch: text('branch').notNull(),
    commit: text('commit').notNull(),
    message: text('message').notNull(),
    author: text('author').notNull(),
    /** As they were when the run was asked for: a change holds from the next run on. */
    settings: jsonb('settings').$type<ServiceSettings>().notNull(),
    trigger: text('trigger').$type<Trigger>().notNull(),
    requestedBy: text('requested_by').notNull(),
    status: text('status').$type<Status>().notNull(),
    reason: text('reason'),
    deadline: at('deadline'),
    epoch: integer('epoch').notNull().default(0),
    /** A run proceeds in segments: each wait for a person and each rerun begins a new one. */
    segment: integer('segment').notNull().default(0),
    /** Grows with every change of the run or one of its stages. */
    revision: integer('revision').notNull().default(0),
    /** The index of the stage that the current segment begins with. */
    fromStage: integer('from_stage').notNull().default(0),
    cancelledBy: text('cancelled_by'),
    supersededBy: integer('superseded_by'),
    /** The layers that its settings come from; what was found in the commit is among them once it was prepared. Null: a run of before. */
    layers: jsonb('layers').$type<KeptLayer[]>(),
    /** Of a run of before there were layers: the commands of this commit, as prepare found them. */
    commands: jsonb('commands').$type<ResolvedCommands>(),
    artifactDigest: text('artifact_digest'),
    createdAt: at('created_at').notNull().defaultNow(),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
  },
  (t) => [
    index('runs_service').on(t.serviceId, t.id),
    index('runs_open').on(t.status).where(sql`${t.endedAt} is null`),
    // One for each filter of the list, newest first.
    index('runs_status').on(t.status, t.id),
    index('runs_branch').on(t.branch, t.id),
    index('runs_author').on(t.author, t.id),
    index('runs_created').on(t.createdAt),
  ],
);

export const stages = pgTable(
  'stages',
  {
    runId: integer('run_id')
      .notNull()
      .references(() => runs.id),
    index: integer('index').notNull(),
    plan: jsonb('plan').$type<PlannedStage>().notNull(),
    status: text('status').$type<Status>().notNull(),
    reason: text('reason'),
    deadline: at('deadline'),
    /** The attempt that counts; earlier ones stay in `attempts`. */
    attempt: integer('attempt').notNull().default(0),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
    /** Of an approval: who answered. */
    answeredBy: text('answered_by'),
    deploymentId: integer('deployment_id'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.index] }),
    index('stages_environment').on(sql`(${t.plan}->>'environment')`, t.runId),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    runId: integer('run_id').notNull(),
    index: integer('index').notNull(),
    attempt: integer('attempt').notNull(),
    /** `<run>:<kind>/<environment>:<attempt>` */
    key: text('key').notNull(),
    status: text('status').$type<Status>().notNull(),
    reason: text('reason'),
    exitCode: integer('exit_code'),
    /** What its tests said; null: nothing that is understood. */
    report: jsonb('report').$type<TestReport>(),
    /** Of a stage of several checks: how each ended. */
    checks: jsonb('checks').$type<CheckResult[]>(),
    startedAt: at('started_at').notNull().defaultNow(),
    endedAt: at('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.runId, t.index, t.attempt] })],
);

export const artifacts = pgTable('artifacts', {
  digest: text('digest').primaryKey(),
  serviceId: integer('service_id')
    .notNull()
    .references(() => services.id),
  kind: text('kind').$type<'bundle'>().notNull(),
  commit: text('commit').notNull(),
  /** Where it lies: for a bundle its folder, relative to the data folder. */
  location: text('location').notNull(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
  builtBy: integer('built_by'),
  createdAt: at('created_at').notNull().defaultNow(),
  collectedAt: at('collected_at'),
});

export const releases = pgTable(
  'releases',
  {
    id: id(),
    targetId: integer('target_id')
      .notNull()
      .references(() => targets.id),
    version: integer('version').notNull(),
    artifactDigest: text('artifact_digest').notNull(),
    commit: text('commit').notNull(),
    /** Settings and plain config as they were (`ReleaseConfig`, whose defaults older rows need); secrets stay sealed in `sealed`. */
    config: jsonb('config').$type<unknown>().notNull(),
    sealed: bytea('sealed').notNull(),
    cause: text('cause').$type<ReleaseCause>().notNull(),
    /** The release that a rollback or promotion copies. */
    copiedFrom: integer('copied_from'),
    runId: integer('run_id'),
    createdBy: text('created_by').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('releases_version').on(t.targetId, t.version)],
);

export const deployments = pgTable(
  'deployments',
  {
    id: id(),
    targetId: integer('target_id')
      .notNull()
      .references(() => targets.id),
    releaseId: integer('release_id')
      .notNull()
      .references(() => releases.id),
    /** What served before; where an abort goes back to. */
    fromReleaseId: integer('from_release_id'),
    runId: integer('run_id'),
    /** scale: the same release with another number of replicas. */
    cause: text('cause').$type<DeploymentCause>().notNull(),
    /** Higher goes first: a manual rollback ahead of everything. */
    priority: integer('priority').notNull().default(0),
    strategy: text('strategy').notNull(),
    plan: jsonb('plan').$type<RolloutStep[]>().notNull(),
    /** The index of the step that is being done. */
    step: integer('step').notNull().default(0),
    status: text('status').$type<Status>().notNull(),
    reason: text('reason'),
    supersededBy: integer('superseded_by'),
    cancelledBy: text('cancelled_by'),
    requestedBy: text('requested_by').notNull(),
    maxWeight: integer('max_weight').notNull().default(0),
    /** The log that it is told in, when that is a stage's; null: one of its own. */
    logKey: text('log_key'),
    createdAt: at('created_at').notNull().defaultNow(),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
  },
  (t) => [
    index('deployments_target').on(t.targetId, t.id),
    index('deployments_open').on(t.status).where(sql`${t.endedAt} is null`),
    index('deployments_status').on(t.status, t.id),
    index('deployments_created').on(t.createdAt),
    index('deployments_run').on(t.runId),
  ],
);

/** One run of a command beside the live release: a job that it declares, or any. */
export const jobs = pgTable(
  'jobs',
  {
    id: id(),
    targetId: integer('target_id')
      .notNull()
      .references(() => targets.id),
    releaseId: integer('release_id')
      .notNull()
      .references(() => releases.id),
    /** Of a declared job its name. */
    process: text('process'),
    argv: jsonb('argv').$type<[string, ...string[]]>().notNull(),
    timeoutMs: bigint('timeout_ms', { mode: 'number' }).notNull(),
    epoch: integer('epoch').notNull().default(0),
    status: text('status').$type<Status>().notNull(),
    reason: text('reason'),
    exitCode: integer('exit_code'),
    cancelledBy: text('cancelled_by'),
    requestedBy: text('requested_by').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    endedAt: at('ended_at'),
  },
  (t) => [index('jobs_target').on(t.targetId, t.id), index('jobs_open').on(t.status).where(sql`${t.endedAt} is null`)],
);

/** What a rollout did, step by step; append-only. */
export const ledger = pgTable(
  'ledger',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    deploymentId: integer('deployment_id')
      .notNull()
      .references(() => deployments.id),
    step: integer('step').notNull(),
    what: text('what').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    at: at('at').notNull().defaultNow(),
  },
  (t) => [index('ledger_deployment').on(t.deploymentId, t.id)],
);

/** Server processes of now and of lately: who holds which executor id. */
export const servers = pgTable('servers', {
  executorId: text('executor_id').primaryKey(),
  pid: integer('pid').notNull(),
  version: text('version').notNull(),
  startedAt: at('started_at').notNull().defaultNow(),
});

/** What happened, for people and for the audit; append-only. */
export const events = pgTable(
  'events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    projectId: integer('project_id'),
    name: text('name').notNull(),
    /** Who did it: a token's name, or `towpath`. */
    actor: text('actor').notNull(),
    subject: text('subject').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    at: at('at').notNull().defaultNow(),
  },
  (t) => [
    index('events_subject').on(t.subject, t.id),
    index('events_project').on(t.projectId, t.id),
    index('events_service').on(t.projectId, sql`(${t.data}->>'service')`, t.id),
    index('events_name').on(t.name, t.id),
    index('events_at').on(t.at),
  ],
);
