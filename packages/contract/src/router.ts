/**
 * The router's protocol: HTTP with JSON bodies on a unix socket of mode 0600.
 *
 *   GET  /state                      → RouterState      which generation it serves, the health of every replica
 *   GET  /state?after=N&timeoutMs=…  → RouterState      answers when `revision` is not N (over it, or of another instance), else when the time is over
 *   PUT  /table        TableUpdate   → RouterState      200 once the table is saved and served; 409 stale_generation for an older one
 *   POST /probe        Probe         → ProbeAnswer      one request, to a replica or as a user's request through the routes
 *   GET  /stats                      → RouterStats      cumulative counts and latencies per release, since `instance` began
 *   GET  /stats?instance=I&after=N   → RouterStats      of that instance only what changed since the answer with `sequence` N; of another all
 *
 * Errors are `{error: ErrorBody}` with the catalogue's codes.
 */
import { z } from 'zod';

export const Address = z.union([
  z.object({ host: z.string(), port: z.int().min(1).max(65535) }),
  z.object({ socket: z.string() }),
]);
export type Address = z.infer<typeof Address>;

export const HealthCheck = z.object({
  /** What is asked for; any answer under 500 is healthy for "/", 2xx and 3xx otherwise. */
  path: z.string().startsWith('/').default('/'),
  intervalMs: z.int().min(100).default(2_000),
  timeoutMs: z.int().min(50).default(2_000),
  /** So many failures in a row make a healthy replica unhealthy. */
  failures: z.int().min(1).default(3),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

export const TableReplica = z.object({
  /** Unique over all releases: the supervisor's key of the replica. */
  id: z.string(),
  address: Address,
});
export type TableReplica = z.infer<typeof TableReplica>;

export const TableBackend = z.object({
  /** The release's id; counts are kept by it. */
  release: z.string(),
  /** Share of new users in percent; the weights of a route with any weight add up to 100. */
  weight: z.number().min(0).max(100),
  replicas: z.array(TableReplica),
  /** Host names at which this release alone answers, whatever its weight: for tests of it. */
  hosts: z.array(z.string()).default([]),
  health: HealthCheck,
});
export type TableBackend = z.infer<typeof TableBackend>;

export const TableRoute = z.object({
  /** Stable name of the target, as `shop/api/production`. */
  name: z.string(),
  /** Exact host names, lower case, without port. */
  hosts: z.array(z.string()).min(1),
  backends: z.array(TableBackend),
  /** After a replica left the table: how long its requests in flight may go on before they are cut. */
  drainMs: z.int().min(0).default(30_000),
});
export type TableRoute = z.infer<typeof TableRoute>;

export const RouteTable = z.object({
  routes: z.array(TableRoute),
});
export type RouteTable = z.infer<typeof RouteTable>;
/** A table as one may write it, defaults left out. */
export type RouteTableInput = z.input<typeof RouteTable>;

export const TableUpdate = z.object({ generation: z.int().nonnegative(), table: RouteTable });
export type TableUpdate = z.infer<typeof TableUpdate>;

export const ReplicaHealth = z.object({
  id: z.string(),
  release: z.string(),
  health: z.enum(['unknown', 'healthy', 'unhealthy']),
  /** Of the last probe that failed, in plain words. */
  error: z.string().nullable(),
  since: z.iso.datetime(),
  /** Requests (streams and upgraded connections too) that it is serving now; drained replicas stay listed until 0. */
  inFlight: z.int(),
  /** It has left the table and finishes what it has. */
  draining: z.boolean(),
});
export type ReplicaHealth = z.infer<typeof ReplicaHealth>;

export const RouterState = z.object({
  version: z.string(),
  pid: z.int(),
  /** New with every start of the router. */
  instance: z.string(),
  /** Of the table that is served; -1 before the first one. */
  generation: z.int(),
  /**
   * Grows with every change of this answer, but for `inFlight` of replicas that have traffic: it changes with every request. That of
   * replicas without weight, or draining, counts: somebody may wait for their last request.
   */
  revision: z.int(),
  replicas: z.array(ReplicaHealth),
  listens: z.array(z.object({ purpose: z.enum(['apps', 'control']), address: z.string() })),
});
export type RouterState = z.infer<typeof RouterState>;

export const Probe = z.object({
  /** replica: straight to that address. route: as a user's request with this host name, through the table. */
  to: z.union([z.object({ address: Address }), z.object({ host: z.string(), release: z.string().optional() })]),
  path: z.string().startsWith('/').default('/'),
  timeoutMs: z.int().min(50).max(60_000).default(2_000),
});
export type Probe = z.input<typeof Probe>;
/** A probe with its defaults filled in. */
export type CheckedProbe = z.output<typeof Probe>;

export const ProbeAnswer = z.object({
  ok: z.boolean(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  ms: z.number(),
  /** Which replica answered, when the request went through the routes. */
  replica: z.string().nullable(),
  release: z.string().nullable(),
  /** Our side's port of the connection to the replica; it stays open for at least 3 s so that its owner can be looked up. */
  localPort: z.int().nullable(),
  port: z.int().nullable(),
});
export type ProbeAnswer = z.infer<typeof ProbeAnswer>;

/**
 * Cumulative since `RouterStats.instance`; a new instance means that counting began again at 0. A release that left the table, with its
 * last request done, is listed for an hour more; back after that it is counted from 0, too (`since`).
 */
export const Counts = z.object({
  requests: z.int(),
  /** By class of the status, as the client got it. */
  status2xx: z.int(),
  status3xx: z.int(),
  status4xx: z.int(),
  status5xx: z.int(),
  /** Requests that no replica answered to the end: refused, reset, timed out. */
  connectionFailures: z.int(),
  /** Requests cut at the end of the drain time. */
  cut: z.int(),
  /** Of `status5xx`: those that the router gave in place of a replica. */
  routerErrors: z.int(),
  /** Answers with a status under 500 that broke off before their end, but for streams cut at the end of the drain time. */
  broken: z.int(),
  /** The client left before the end of an answer that was no stream. */
  aborted: z.int(),
  /** Switches of protocols (WebSockets), event streams, and answers that went on for over 10 s after their first byte: not timed. */
  streams: z.int(),
});
export type Counts = z.infer<typeof Counts>;

/**
 * How long answers took, from the arrival of the request's head to the last byte that the replica gave (or to the router's own answer), as
 * bucket, count, bucket, count … with the buckets of histogram.ts, ascending, empty ones left out. Streams, and requests whose client left,
 * are not in here.
 */
export const Latencies = z.array(z.int().nonnegative());
export type Latencies = z.infer<typeof Latencies>;

export const ReleaseStats = z.object({
  ...Counts.shape,
  latencies: Latencies,
  /** Of two countings of a release by one instance the later one, which began at 0 again, has the higher number. */
  since: z.int(),
});
export type ReleaseStats = z.infer<typeof ReleaseStats>;

/** What one start of a router has counted, by release. */
export const InstanceStats = z.object({
  instance: z.string(),
  startedAt: z.iso.datetime(),
  /** When it was so: of an instance that ended, when it last saved its counts, which it does each second. */
  at: z.iso.datetime(),
  releases: z.record(z.string(), ReleaseStats),
});
export type InstanceStats = z.infer<typeof InstanceStats>;

export const RouterStats = z.object({
  ...InstanceStats.shape,
  /** Pass it as `after`, with `instance`. */
  sequence: z.int(),
  /** Starts before this one with anything counted, newest first, 16 at most; none when asked for changes of this one. */
  earlier: z.array(InstanceStats),
});
export type RouterStats = z.infer<typeof RouterStats>;

/** The router's start-up configuration, a JSON file that the launcher of the system writes. */
export const RouterConfig = z.object({
  socket: z.string(),
  /** Where the last table and counts are kept. */
  stateDir: z.string(),
  listen: z.array(
    z.object({ purpose: z.enum(['apps', 'control']), host: z.string(), port: z.int().min(0).max(65535) }),
  ),
  /** The servers' unix sockets, tried in turn, those that answer /api/health first. */
  control: z.array(z.object({ socket: z.string() })).default([]),
  limits: z
    .object({
      /** Bytes of request headers. */
      headerBytes: z.int().default(32_768),
      /** No answer's first byte within this time: 504. */
      answerTimeoutMs: z.int().default(60_000),
      connectTimeoutMs: z.int().default(2_000),
      /** Idle keep-alive connections to a replica are closed after this. */
      idleMs: z.int().default(30_000),
      connections: z.int().default(10_000),
    })
    .prefault({}),
});
export type RouterConfig = z.infer<typeof RouterConfig>;
