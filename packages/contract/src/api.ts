/**
 * The HTTP API: every route with its policy, input and answer. The server registers handlers by these names, the client is typed by
 * them, the reference is generated from them. A path parameter `service` is `api`, or `shop/api` (percent-encoded) where two projects
 * have a service of that name.
 */
import { z } from 'zod';
import { deploymentRoutes } from './routes/deployments.ts';
import { environmentRoutes } from './routes/environments.ts';
import { eventRoutes } from './routes/events.ts';
import { logRoutes } from './routes/logs.ts';
import { projectRoutes } from './routes/projects.ts';
import { id, pageLimit, type RouteSpec, Since, type StreamAnswer, Targeted, target } from './routes/route.ts';
import { serviceRoutes } from './routes/services.ts';
import { sessionRoutes } from './routes/session.ts';
import { systemRoutes } from './routes/system.ts';
import { trafficRoutes } from './routes/traffic.ts';
import { SettingsPatch } from './setting-fields.ts';
import {
  ConfigList,
  DeploymentView,
  JobView,
  ListedRelease,
  RunDetail,
  RunSummary,
  ServiceDetail,
  ServiceInput,
  StatusBoard,
  SystemHealth,
} from './views.ts';
import { Id, Name, Status } from './words.ts';

export type { EventView } from './routes/events.ts';
export type { ProjectView } from './routes/projects.ts';
export { type RouteSpec, type StreamAnswer, Verb } from './routes/route.ts';
export type { DetectAnswer, FoundView, PathView } from './routes/services.ts';
export { SessionView } from './routes/session.ts';
export type { CheckView } from './routes/system.ts';
export type { ReleaseTraffic, TrafficView } from './routes/traffic.ts';

const service = z.object({ service: z.string() });
const run = z.object({ run: id });
const job = z.object({ job: id });
const nothing = z.object({});
/** A word of a command line: the kernel ends a string at its first NUL. */
const CommandWord = z
  .string()
  .max(100_000)
  .regex(/^[^\0]*$/, 'must not contain a NUL character');
const jobLimit = z.int().min(1_000).max(86_400_000).optional();

export const api = {
  health: {
    method: 'GET',
    path: '/api/health',
    policy: 'public',
    summary: 'Is the server able to work?',
    answer: SystemHealth,
  },
  status: {
    method: 'GET',
    path: '/api/status',
    policy: 'read',
    summary: 'Every service in every environment, by name; a page of them where there are more than `limit`.',
    query: z.object({
      project: z.string().optional(),
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
    }),
    answer: StatusBoard.extend({
      /** What to give as `after` for the next page; null: these were the last ones. */
      next: z.string().nullable(),
    }),
  },
  createService: {
    method: 'POST',
    path: '/api/services',
    policy: 'service.create',
    summary: 'Makes a service, or answers with the one of that name, as it is.',
    body: ServiceInput,
    answer: ServiceDetail.extend({ created: z.boolean() }),
  },
  getService: {
    method: 'GET',
    path: '/api/services/:service',
    policy: 'read',
    summary: 'One service with its settings and environments.',
    params: service,
    answer: ServiceDetail,
  },
  updateService: {
    method: 'PATCH',
    path: '/api/services/:service',
    policy: 'service.write',
    summary: 'Changes settings; null takes a value back to detection. Holds from the next run on.',
    params: service,
    body: SettingsPatch,
    answer: ServiceDetail,
  },
  ...systemRoutes,
  ...serviceRoutes,
  ...projectRoutes,
  ...environmentRoutes,
  ...trafficRoutes,
  startRun: {
    method: 'POST',
    path: '/api/services/:service/runs',
    policy: 'deploy',
    summary: 'Starts a run for a pushed branch or commit; with `environment`, to that one only.',
    params: service,
    body: z.object({ branch: z.string().optional(), commit: z.string().optional(), environment: Name.optional() }),
    answer: RunSummary,
  },
  listRuns: {
    method: 'GET',
    path: '/api/runs',
    policy: 'read',
    summary: 'Runs, newest first.',
    query: z.object({
      service: z.string().optional(),
      status: Status.optional(),
      branch: z.string().optional(),
      environment: Name.optional(),
      author: z.string().optional(),
      since: Since.optional(),
      before: id.optional(),
      limit: pageLimit,
    }),
    answer: z.object({ runs: z.array(RunSummary), next: z.int().nullable() }),
  },
  getRun: {
    method: 'GET',
    path: '/api/runs/:run',
    policy: 'read',
    summary: 'One run with its stages and attempts.',
    params: run,
    answer: RunDetail,
  },
  waitRun: {
    method: 'GET',
    path: '/api/runs/:run/wait',
    policy: 'read',
    summary: 'Answers when the run differs from `revision`, or after timeoutMs.',
    params: run,
    query: z.object({
      revision: z.coerce.number().int().default(-1),
      timeoutMs: z.coerce.number().int().min(0).max(60_000).default(30_000),
    }),
    answer: RunDetail,
  },
  approve: {
    method: 'POST',
    path: '/api/runs/:run/approve',
    policy: 'approve',
    summary: 'Answers the approval that the run waits for.',
    params: run,
    body: z.object({
      environment: Name.optional(),
      approve: z.boolean().default(true),
      comment: z.string().max(2_000).optional(),
    }),
    answer: RunSummary,
  },
  cancel: {
    method: 'POST',
    path: '/api/runs/:run/cancel',
    policy: 'cancel',
    summary: 'Ends a run and everything that it started.',
    params: run,
    body: nothing,
    answer: RunSummary,
  },
  rerun: {
    method: 'POST',
    path: '/api/runs/:run/rerun',
    policy: 'rerun',
    summary: 'Does an ended run again from a stage on, as a new attempt.',
    params: run,
    body: z.object({ from: z.string().optional() }),
    answer: RunSummary,
  },
  listReleases: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/releases',
    policy: 'read',
    summary: 'Releases, newest first, each with what it changed.',
    params: target,
    query: z.object({
      before: id.optional(),
      limit: pageLimit,
    }),
    answer: z.object({ releases: z.array(ListedRelease), next: z.int().nullable() }),
  },
  promote: {
    method: 'POST',
    path: '/api/services/:service/environments/:environment/promote',
    policy: 'promote',
    summary:
      "Brings the release of another environment here: same artifact, this environment's settings and config. Goes past a hold.",
    params: target,
    body: z.object({ from: Name.optional(), version: Id.optional() }),
    answer: DeploymentView,
  },
  rollback: {
    method: 'POST',
    path: '/api/services/:service/environments/:environment/rollback',
    policy: 'rollback',
    summary:
      'A new release from a stored artifact, and a hold. To the release before the current one when none is named.',
    params: target,
    body: z.object({
      version: Id.optional(),
      commit: z.string().min(4).optional(),
      reason: z.string().max(2_000).optional(),
    }),
    answer: DeploymentView,
  },
  hold: {
    method: 'PUT',
    path: '/api/services/:service/environments/:environment/hold',
    policy: 'hold',
    summary: 'Automatic deployment is off until someone lifts it.',
    params: target,
    body: z.object({ reason: z.string().max(2_000).optional() }),
    answer: ServiceDetail,
  },
  unhold: {
    method: 'DELETE',
    path: '/api/services/:service/environments/:environment/hold',
    policy: 'hold',
    summary: 'Lifts the hold.',
    params: target,
    answer: ServiceDetail,
  },
  getConfig: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/config',
    policy: 'config.read',
    summary: 'Config with values, secrets by name only.',
    params: target,
    answer: ConfigList,
  },
  setConfig: {
    method: 'PATCH',
    path: '/api/services/:service/environments/:environment/config',
    policy: 'config.write',
    summary:
      'Sets and, with null, removes entries; one call that changes something is one new release when something is live.',
    params: target,
    body: z.object({
      config: z.record(z.string(), z.string().nullable()).default({}),
      secrets: z.record(z.string(), z.string().nullable()).default({}),
    }),
    answer: z.object({ config: ConfigList, changed: z.array(z.string()), deployment: DeploymentView.nullable() }),
  },
  scale: {
    method: 'PUT',
    path: '/api/services/:service/environments/:environment/scale',
    policy: 'scale',
    summary: 'How many replicas run, of http or of the worker that `process` names. Not a release.',
    params: target,
    body: z.object({ replicas: z.int().min(0).max(100), process: Name.default('http') }),
    answer: ServiceDetail,
  },
  runJob: {
    method: 'POST',
    path: '/api/services/:service/environments/:environment/jobs',
    policy: 'job.run',
    summary: 'Runs a job that the live release declares; `args` are words behind its command.',
    params: target,
    body: z.object({ process: z.string(), args: z.array(CommandWord).max(1_000).default([]), timeoutMs: jobLimit }),
    answer: JobView,
  },
  exec: {
    method: 'POST',
    path: '/api/services/:service/environments/:environment/exec',
    policy: 'exec',
    summary: "Runs any command in the live release's folder, with its environment.",
    params: target,
    body: z.object({ command: z.array(CommandWord).min(1).max(1_000), timeoutMs: jobLimit }),
    answer: JobView,
  },
  listJobs: {
    method: 'GET',
    path: '/api/jobs',
    policy: 'read',
    summary: 'Jobs, newest first.',
    query: Targeted,
    answer: z.object({ jobs: z.array(JobView), next: z.int().nullable() }),
  },
  getJob: {
    method: 'GET',
    path: '/api/jobs/:job',
    policy: 'read',
    summary: 'One job.',
    params: job,
    answer: JobView,
  },
  waitJob: {
    method: 'GET',
    path: '/api/jobs/:job/wait',
    policy: 'read',
    summary: 'Answers when the job ended, or after timeoutMs.',
    params: job,
    query: z.object({ timeoutMs: z.coerce.number().int().min(0).max(60_000).default(30_000) }),
    answer: JobView,
  },
  cancelJob: {
    method: 'POST',
    path: '/api/jobs/:job/cancel',
    policy: 'cancel',
    summary: 'Ends a job and all that it started.',
    params: job,
    body: nothing,
    answer: JobView,
  },
  ...deploymentRoutes,
  ...eventRoutes,
  ...logRoutes,
  ...sessionRoutes,
} as const satisfies Record<string, RouteSpec>;

export type Api = typeof api;
export type RouteName = keyof Api;

type Part<S, K extends string> =
  S extends Readonly<Record<K, infer T extends z.ZodType>> ? T : z.ZodObject<Record<never, never>>;

/** What a handler gets: validated, with defaults. */
export interface RouteInput<N extends RouteName> {
  readonly params: z.output<Part<Api[N], 'params'>>;
  readonly query: z.output<Part<Api[N], 'query'>>;
  readonly body: z.output<Part<Api[N], 'body'>>;
}

/** What a caller gives. */
export interface RouteCall<N extends RouteName> {
  readonly params: z.input<Part<Api[N], 'params'>>;
  readonly query: z.input<Part<Api[N], 'query'>>;
  readonly body: z.input<Part<Api[N], 'body'>>;
}

/** Routes that answer with JSON; the others stream bytes or messages. */
export type JsonRouteName = RouteOf<z.ZodType>;
export type BytesRouteName = RouteOf<'bytes'>;
export type StreamRouteName = RouteOf<StreamAnswer>;
type RouteOf<A> = { [N in RouteName]: Api[N]['answer'] extends A ? N : never }[RouteName];
export type RouteAnswer<N extends JsonRouteName> = Api[N]['answer'] extends z.ZodType<infer T> ? T : never;

/**
 * One message of a stream. `id` is the position after it: whoever gives it back as `after` gets what follows. The message with `end` is
 * the last one.
 */
export type StreamMessage<N extends StreamRouteName> =
  | { readonly id: string; readonly data: StreamData<N>; readonly end?: undefined }
  | { readonly id: string; readonly data?: undefined; readonly end: StreamEnd<N> };
export type StreamData<N extends StreamRouteName> = Api[N]['answer'] extends { readonly stream: z.ZodType<infer T> }
  ? T
  : never;
export type StreamEnd<N extends StreamRouteName> = Api[N]['answer'] extends { readonly end: z.ZodType<infer T> }
  ? T
  : never;
/** What a handler gives for it. Without data it only says how far the stream has come, for a reader that comes again. */
export type StreamPiece<N extends StreamRouteName> =
  | { readonly id: number | string; readonly data?: StreamData<N>; readonly end?: undefined }
  | { readonly id: number | string; readonly data?: undefined; readonly end: StreamEnd<N> };
