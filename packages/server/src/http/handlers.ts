import type {
  BytesRouteName,
  JsonRouteName,
  RouteAnswer,
  RouteInput,
  RouteName,
  StreamPiece,
  StreamRouteName,
} from '@towpath/contract';
import { approve } from '../operations/approve.ts';
import { cancel } from '../operations/cancel.ts';
import { getConfig, setConfig } from '../operations/config.ts';
import { createService } from '../operations/create-service.ts';
import { detect } from '../operations/detect.ts';
import { doctor } from '../operations/doctor.ts';
import { addEnvironment, listEnvironments, setEnvironment } from '../operations/environments.ts';
import { listEvents, streamEvents } from '../operations/events.ts';
import { hold, unhold } from '../operations/hold.ts';
import type { Actor, House } from '../operations/house.ts';
import { cancelJob, exec, getJob, listJobs, runJob, waitJob } from '../operations/jobs.ts';
import { listReleases } from '../operations/list-releases.ts';
import {
  jobLog,
  runLog,
  searchRunLog,
  serviceLog,
  streamJobLog,
  streamRunLog,
  streamServiceLog,
} from '../operations/logs.ts';
import { metrics } from '../operations/metrics.ts';
import { getProject, listProjects, updateProject } from '../operations/projects.ts';
import { promote } from '../operations/promote.ts';
import {
  getDeployment,
  getRun,
  getService,
  listDeployments,
  listRuns,
  status,
  systemHealth,
  waitDeployment,
  waitRun,
} from '../operations/read.ts';
import { planRemoval, removeEnvironment } from '../operations/remove-environment.ts';
import { rerun } from '../operations/rerun.ts';
import { rollback } from '../operations/rollback.ts';
import { scale } from '../operations/scale.ts';
import { logIn, logOut, makeCode, whoAsks } from '../operations/session.ts';
import { showPath } from '../operations/show-path.ts';
import { startRun } from '../operations/start-run.ts';
import { planTeardown, teardown } from '../operations/teardown.ts';
import { streamTraffic, traffic } from '../operations/traffic.ts';
import { updateService } from '../operations/update-service.ts';

export interface Request<N extends RouteName> extends RouteInput<N> {
  readonly house: House;
  readonly actor: Actor;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  readonly cookie: Cookie;
}

/** The cookie of a browser's session. */
export interface Cookie {
  readonly value: string | null;
  /** Null: the browser forgets it. */
  set(secret: string | null): void;
}

export type JsonHandlers = { readonly [N in JsonRouteName]: (request: Request<N>) => Promise<RouteAnswer<N>> };
export type BytesHandlers = { readonly [N in BytesRouteName]: (request: Request<N>) => Promise<AsyncIterable<Buffer>> };
export type StreamHandlers = {
  readonly [N in StreamRouteName]: (request: Request<N>) => Promise<AsyncIterable<StreamPiece<N>>>;
};

/** Each route's operation. Nothing is decided here: input goes in, its answer comes out. */
export const jsonHandlers: JsonHandlers = {
  health: async ({ house }) => systemHealth(house),
  status: ({ house, actor, query }) => status(house, actor, query),
  createService: ({ house, actor, body }) => createService(house, actor, body),
  getService: ({ house, actor, params }) => getService(house, actor, params),
  updateService: ({ house, actor, params, body }) => updateService(house, actor, { ...params, patch: body }),
  showPath: ({ house, actor, params, query }) => showPath(house, actor, { ...params, ...query }),
  doctor: ({ house, actor }) => doctor(house, actor, undefined),
  detect: ({ house, actor, body }) => detect(house, actor, body),
  listProjects: ({ house, actor }) => listProjects(house, actor, undefined),
  getProject: ({ house, actor, params }) => getProject(house, actor, params),
  updateProject: ({ house, actor, params, body }) => updateProject(house, actor, { ...params, patch: body }),
  listEnvironments: ({ house, actor, params }) => listEnvironments(house, actor, params),
  addEnvironment: ({ house, actor, params, body }) => addEnvironment(house, actor, { ...params, ...body }),
  setEnvironment: ({ house, actor, params, body }) => setEnvironment(house, actor, { ...params, patch: body }),
  planRemoval: ({ house, actor, params }) => planRemoval(house, actor, params),
  removeEnvironment: ({ house, actor, params, body }) => removeEnvironment(house, actor, { ...params, ...body }),
  planTeardown: ({ house, actor, params, query }) => planTeardown(house, actor, { ...params, ...query }),
  teardown: ({ house, actor, params, body }) => teardown(house, actor, { ...params, ...body }),
  traffic: ({ house, actor, params, query }) => traffic(house, actor, { ...params, ...query }),
  startRun: ({ house, actor, params, body }) => startRun(house, actor, { ...params, ...body }),
  listRuns: ({ house, actor, query }) => listRuns(house, actor, query),
  getRun: ({ house, actor, params }) => getRun(house, actor, params),
  waitRun: ({ house, actor, params, query, signal }) => waitRun(house, actor, { ...params, ...query, signal }),
  approve: ({ house, actor, params, body }) => approve(house, actor, { ...params, ...body }),
  cancel: ({ house, actor, params }) => cancel(house, actor, params),
  rerun: ({ house, actor, params, body }) => rerun(house, actor, { ...params, ...body }),
  listReleases: ({ house, actor, params, query }) => listReleases(house, actor, { ...params, ...query }),
  promote: ({ house, actor, params, body }) => promote(house, actor, { ...params, ...body }),
  rollback: ({ house, actor, params, body }) => rollback(house, actor, { ...params, ...body }),
  hold: ({ house, actor, params, body }) => hold(house, actor, { ...params, ...body }),
  unhold: ({ house, actor, params }) => unhold(house, actor, params),
  getConfig: ({ house, actor, params }) => getConfig(house, actor, params),
  setConfig: ({ house, actor, params, body }) => setConfig(house, actor, { ...params, ...body }),
  scale: ({ house, actor, params, body }) => scale(house, actor, { ...params, ...body }),
  runJob: ({ house, actor, params, body }) => runJob(house, actor, { ...params, ...body }),
  exec: ({ house, actor, params, body }) => exec(house, actor, { ...params, ...body }),
  listJobs: ({ house, actor, query }) => listJobs(house, actor, query),
  getJob: ({ house, actor, params }) => getJob(house, actor, params),
  waitJob: ({ house, actor, params, query, signal }) => waitJob(house, actor, { ...params, ...query, signal }),
  cancelJob: ({ house, actor, params }) => cancelJob(house, actor, params),
  getDeployment: ({ house, actor, params }) => getDeployment(house, actor, params),
  waitDeployment: ({ house, actor, params, query, signal }) =>
    waitDeployment(house, actor, { ...params, ...query, signal }),
  listDeployments: ({ house, actor, query }) => listDeployments(house, actor, query),
  searchRunLog: ({ house, actor, params, query }) => searchRunLog(house, actor, { ...params, ...query }),
  listEvents: ({ house, actor, query }) => listEvents(house, actor, query),
  logIn: async ({ house, body, cookie }) => {
    const { view, secret } = await logIn(house, body);
    cookie.set(secret);
    return view;
  },
  getSession: ({ house, actor }) => whoAsks(house, actor, undefined),
  logOut: async ({ house, cookie }) => {
    const ended = cookie.value !== null && (await logOut(house, cookie.value));
    cookie.set(null);
    return { ended };
  },
  makeCode: ({ house, actor }) => makeCode(house, actor, undefined),
};

export const bytesHandlers: BytesHandlers = {
  metrics: ({ house, actor }) => metrics(house, actor, undefined),
  runLog: ({ house, actor, params, query, signal }) => runLog(house, actor, { ...params, ...query, signal }),
  jobLog: ({ house, actor, params, query, signal }) => jobLog(house, actor, { ...params, ...query, signal }),
  serviceLog: ({ house, actor, params, query }) => serviceLog(house, actor, { ...params, ...query }),
};

export const streamHandlers: StreamHandlers = {
  streamRunLog: ({ house, actor, params, query, signal }) =>
    streamRunLog(house, actor, { ...params, ...query, signal }),
  streamJobLog: ({ house, actor, params, query, signal }) =>
    streamJobLog(house, actor, { ...params, ...query, signal }),
  streamServiceLog: ({ house, actor, params, query, signal }) =>
    streamServiceLog(house, actor, { ...params, ...query, signal }),
  streamTraffic: ({ house, actor, params, query, signal }) =>
    streamTraffic(house, actor, { ...params, seconds: query.seconds, signal }),
  streamEvents: ({ house, actor, query, signal }) => streamEvents(house, actor, { ...query, signal }),
};
