/** What the API shows: shapes only. Times are ISO 8601 in UTC. */
import { z } from 'zod';
import { SettingsLayer } from './settings.ts';
import { Admission, Commit, DeploymentCause, Name, ReleaseCause, StageKind, Status, Trigger } from './words.ts';

const at = z.iso.datetime();

export const CommitInfo = z.object({ commit: Commit, message: z.string(), author: z.string() });

export const SystemHealth = z.object({
  ok: z.boolean(),
  name: z.string(),
  version: z.string(),
  pid: z.int(),
  /** What is not well, in plain words. */
  problems: z.array(z.string()),
});
export type SystemHealth = z.infer<typeof SystemHealth>;

export const ServiceInput = z.object({
  project: Name.default('main'),
  name: Name,
  settings: SettingsLayer.default({}),
});
export type ServiceInput = z.infer<typeof ServiceInput>;

export const ReleaseView = z.object({
  version: z.int(),
  live: z.boolean(),
  artifact: z.string(),
  commit: Commit,
  cause: ReleaseCause,
  copiedFrom: z.int().nullable(),
  run: z.int().nullable(),
  createdBy: z.string(),
  createdAt: at,
});
export type ReleaseView = z.infer<typeof ReleaseView>;

const names = z.array(z.string());
/** Names only: no value is ever in it. */
const NameChanges = z.object({ added: names, changed: names, removed: names });

/** What a release changed against the one before it in its environment. */
export const ReleaseChanges = z.object({
  /** The version before. */
  since: z.int(),
  /** The commit before, where that was another one. */
  commit: Commit.nullable(),
  /** It is another artifact. */
  artifact: z.boolean(),
  config: NameChanges,
  secrets: NameChanges,
  /** What it runs and how, as settings name it: `start`, `health`, `processes.mailer`, `env.LOG_LEVEL`. */
  settings: names,
});
export type ReleaseChanges = z.infer<typeof ReleaseChanges>;

/** A release in the list of its environment. */
export const ListedRelease = ReleaseView.extend({
  /** The first line of its commit's message; null: nobody knows it any more. */
  title: z.string().nullable(),
  /** Null: it was the first one. */
  changes: ReleaseChanges.nullable(),
});
export type ListedRelease = z.infer<typeof ListedRelease>;

export const ReplicaView = z.object({
  id: z.string(),
  /** `http`, or the name of a worker, which nobody asks for its health. */
  process: z.string(),
  release: z.int(),
  phase: z.string(),
  health: z.enum(['unknown', 'healthy', 'unhealthy']),
  restarts: z.int(),
  reason: z.string().nullable(),
});

export const Hold = z.object({ by: z.string(), reason: z.string().nullable(), at });

/** Users' requests of the last minute; a part of the whole is 0 to 1. */
export const RecentTraffic = z.object({ perSecond: z.number(), errorRate: z.number(), p95Ms: z.number().nullable() });
export type RecentTraffic = z.infer<typeof RecentTraffic>;

export const TargetView = z.object({
  environment: Name,
  branch: z.string(),
  admission: Admission,
  url: z.string(),
  release: ReleaseView.nullable(),
  replicas: z.int(),
  running: z.array(ReplicaView),
  /** The workers of the live release, with how many of each are wanted. */
  workers: z.record(z.string(), z.int()),
  /** Its releases keep a data folder, so that a deployment stops the old one before the new one starts. */
  interrupts: z.boolean(),
  hold: Hold.nullable(),
  /** The deployment under way. */
  deployment: z.int().nullable(),
  /** Null: no request came. */
  traffic: RecentTraffic.nullable(),
});
export type TargetView = z.infer<typeof TargetView>;

/** One test that failed, or a file or package that could not be run. */
export const TestFailure = z.object({
  /** The path of its suites and its own name, joined by ` › `; at most 300 characters. */
  name: z.string(),
  /** What the tool says of it, without the stack; at most 2,000 characters, may have several lines. */
  message: z.string(),
  /** `file:line`, or the file alone, as the tool prints it; null where it says neither. */
  at: z.string().nullable(),
});
export type TestFailure = z.infer<typeof TestFailure>;

/** What a test tool said of one run, or of several added up. */
export const TestReport = z.object({
  /** Who printed it: `vitest`, `jest`, `mocha`, `node`, `tap`, `pytest`, `unittest`, `go test`, `cargo`, `junit`; several joined by `, `. */
  tool: z.string(),
  passed: z.int(),
  /** Failed tests, and files or packages that could not be run. */
  failed: z.int(),
  /** Skipped, left to do, or expected to fail. */
  skipped: z.int(),
  /** Packages that passed without saying how many tests that were (`go test` without `-v`); these are not in `passed`. */
  packages: z.int().optional(),
  /** At most 50, in the order of the output. */
  failures: z.array(TestFailure).readonly(),
  /** How many more failed than are listed. */
  moreFailures: z.int(),
  /** The tool did not come to its end: these are the results that it printed until then. */
  incomplete: z.literal(true).optional(),
});
export type TestReport = z.infer<typeof TestReport>;

/** One of several checks of a stage: `lint`, `types`. */
export const CheckResult = z.object({
  name: z.string(),
  status: z.enum(['succeeded', 'failed']),
  /** Null: it did not come to its end. */
  exitCode: z.int().nullable(),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const StageView = z.object({
  kind: StageKind,
  environment: Name.nullable(),
  /** `deploy staging` */
  name: z.string(),
  status: Status,
  reason: z.string().nullable(),
  deadline: at.nullable(),
  attempt: z.int(),
  startedAt: at.nullable(),
  endedAt: at.nullable(),
  answeredBy: z.string().nullable(),
  deployment: z.int().nullable(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      status: Status,
      reason: z.string().nullable(),
      exitCode: z.int().nullable(),
      /** Of tests. */
      report: TestReport.nullable(),
      /** Of a stage of several checks. */
      checks: z.array(CheckResult).nullable(),
      startedAt: at,
      endedAt: at.nullable(),
    }),
  ),
});
export type StageView = z.infer<typeof StageView>;

export const RunSummary = z.object({
  run: z.int(),
  project: Name,
  service: Name,
  branch: z.string(),
  ...CommitInfo.shape,
  trigger: Trigger,
  requestedBy: z.string(),
  status: Status,
  reason: z.string().nullable(),
  deadline: at.nullable(),
  artifact: z.string().nullable(),
  supersededBy: z.int().nullable(),
  createdAt: at,
  startedAt: at.nullable(),
  endedAt: at.nullable(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunDetail = z.object({
  ...RunSummary.shape,
  /** Grows with every change; pass it to the wait route. */
  revision: z.int(),
  stages: z.array(StageView),
});
export type RunDetail = z.infer<typeof RunDetail>;

export const ServiceDetail = z.object({
  project: Name,
  name: Name,
  /** As its owner gave them; what is absent is found in every commit, or a default. */
  settings: SettingsLayer,
  gitUrl: z.string(),
  environments: z.array(TargetView),
  lastRun: RunSummary.nullable(),
});
export type ServiceDetail = z.infer<typeof ServiceDetail>;

export const StatusBoard = z.object({
  system: SystemHealth,
  services: z.array(ServiceDetail),
  /** Runs that wait for a person. */
  waiting: z.array(RunSummary),
});
export type StatusBoard = z.infer<typeof StatusBoard>;

export const ConfigList = z.object({
  config: z.record(z.string(), z.string()),
  /** Names only: values are never shown. */
  secrets: z.array(z.string()),
});
export type ConfigList = z.infer<typeof ConfigList>;

export const LedgerEntry = z.object({ step: z.int(), what: z.string(), data: z.record(z.string(), z.unknown()), at });

export const DeploymentView = z.object({
  deployment: z.int(),
  project: Name,
  service: Name,
  environment: Name,
  version: z.int(),
  fromVersion: z.int().nullable(),
  artifact: z.string(),
  commit: Commit,
  cause: DeploymentCause,
  run: z.int().nullable(),
  strategy: z.string(),
  /** The steps of its plan, in order. */
  steps: z.array(z.string()),
  status: Status,
  reason: z.string().nullable(),
  maxWeight: z.int(),
  requestedBy: z.string(),
  /** Null for a release that takes no requests. */
  url: z.string().nullable(),
  createdAt: at,
  startedAt: at.nullable(),
  endedAt: at.nullable(),
  ledger: z.array(LedgerEntry),
});
export type DeploymentView = z.infer<typeof DeploymentView>;

/** A command run beside the live release. */
export const JobView = z.object({
  job: z.int(),
  project: Name,
  service: Name,
  environment: Name,
  /** Of the release that was live when it was asked for. */
  version: z.int(),
  /** The job that the release declares; null: any command was given. */
  process: z.string().nullable(),
  /** The program of a command that was given; its words may hold secrets. */
  program: z.string().nullable(),
  status: Status,
  reason: z.string().nullable(),
  /** Null unless the command ended by itself with one. */
  exitCode: z.int().nullable(),
  timeoutMs: z.int(),
  requestedBy: z.string(),
  createdAt: at,
  endedAt: at.nullable(),
});
export type JobView = z.infer<typeof JobView>;
