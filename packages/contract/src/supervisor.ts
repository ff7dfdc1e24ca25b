/**
 * The supervisor's protocol: HTTP with JSON bodies on a unix socket of mode 0600.
 *
 *   GET    /health                            → SupervisorHealth
 *   PUT    /processes/:key      StartProcess  → ProcessState      start it, or say how it is: a key starts once
 *   GET    /processes?owner=…                 → ProcessState[]    owner: exact, or a prefix that ends in "/"
 *   GET    /processes/:key                    → ProcessState      404 unknown_process
 *   GET    /processes/:key/wait?timeoutMs=…   → ProcessState      answers when it has ended, else when the time is over
 *   GET    /processes/:key/logs?offset=…&follow=1                 bytes from the offset; follow: until it has ended and all was sent
 *   POST   /processes/:key/stop StopProcess   → ProcessState      records the intention, then ends the whole group
 *   DELETE /processes/:key?epoch=…            → 204               forgets an ended process and its folder
 *   POST   /owner-check         OwnerCheck    → OwnerAnswer       who answers on this port, on this connection?
 *   POST   /fence               Fence         → 204               from now on refuse older epochs for this owner
 *   POST   /system/:name/restart              → ProcessState      starts a new server | router | postgres in place of the old one
 *   POST   /shutdown            Shutdown      → 202               stops the system; replicas and stages too when asked
 *
 * A repeated PUT answers with the state when mode, owner, argv, cwd and port are the same, else 409 spec_differs; the rest of the spec
 * may differ (a newer server may pass other variables) and is not taken over. A new one whose port another process has in its spec that
 * has not ended gets 409 port_taken.
 * Owner `system` and keys `system/…` are the supervisor's own: PUT, stop and DELETE refuse them.
 * Keys may contain "/": they travel percent-encoded. Errors are `{error: ErrorBody}` with the catalogue's codes.
 */
import { z } from 'zod';

export const Epoch = z.int().nonnegative();

/** task: runs to its end, once for its key. service: kept running, restarted with a growing delay. */
export const ProcessMode = z.enum(['task', 'service']);

/** What can be handed to a process: the kernel ends a string at its first NUL. */
const Argument = z.string().regex(/^[^\0]*$/, 'must not contain a NUL character');

export const ProcessSpec = z.object({
  mode: ProcessMode,
  /** The scope whose epoch guards this process, as `run/219` or `target/7`. */
  owner: z.string().min(1).max(200),
  argv: z.array(Argument).min(1),
  cwd: Argument.startsWith('/', 'must be an absolute path'),
  /** The whole environment: nothing is inherited from the supervisor. Names are those that a POSIX shell hands on. */
  env: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and _, not starting with a digit'),
    Argument,
  ),
  /** Started as root, the account that it runs under. */
  user: z.object({ uid: z.int().nonnegative(), gid: z.int().nonnegative() }).optional(),
  /** service: the port of its slot; checked to be free before every start. */
  port: z.int().min(1).max(65535).optional(),
  /** 0 to 19; stages run niced so that builds don't take the processor from users' requests. */
  nice: z.int().min(0).max(19).default(0),
  /** How long the group gets between SIGTERM and SIGKILL, when a stop names none. */
  graceMs: z.int().min(0).max(600_000).default(10_000),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']).default('SIGTERM'),
  /** task: after this time the group is ended and the state's reason says so. */
  timeoutMs: z.int().positive().optional(),
});
export type ProcessSpec = z.infer<typeof ProcessSpec>;
export type ProcessSpecInput = z.input<typeof ProcessSpec>;

export const StartProcess = z.object({ epoch: Epoch, spec: ProcessSpec });
export const StopProcess = z.object({ epoch: Epoch, graceMs: z.int().min(0).max(600_000).optional() });
export const Fence = z.object({ owner: z.string(), epoch: Epoch });
export const Shutdown = z.object({ processes: z.boolean().default(false) });

/**
 * starting: accepted, no pid yet. running: the group has a member. backoff: a service that ended and is started again at `nextStartAt`.
 * stopping: the intention is recorded, the group not empty yet. exited: ended by itself; `exit` says how, or is null when the shim was
 * killed before it could write it (`reason` says so). stopped: ended because it was asked to.
 */
export const ProcessPhase = z.enum(['starting', 'running', 'backoff', 'stopping', 'exited', 'stopped']);

/** One of the two is null. A shell tells a signal by 128 + its number: a command that exits with 143 by itself is taken for SIGTERM. */
export const Exit = z.object({ code: z.int().nullable(), signal: z.string().nullable() });
export type Exit = z.infer<typeof Exit>;

export const ProcessState = z.object({
  key: z.string(),
  owner: z.string(),
  mode: ProcessMode,
  phase: ProcessPhase,
  pid: z.int().nullable(),
  exit: Exit.nullable(),
  /** In plain words: why it is not running. */
  reason: z.string().nullable(),
  restarts: z.int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  nextStartAt: z.iso.datetime().nullable(),
  port: z.int().nullable(),
  /** TCP ports that members of the group listen on: looked up when one process is asked for, empty in lists and in `wait`. */
  listens: z.array(z.int()),
  logBytes: z.int(),
});
export type ProcessState = z.infer<typeof ProcessState>;

/** The connection as its client (the router) sees it: from `localPort` to the replica's `port`. */
export const OwnerCheck = z.object({ key: z.string(), port: z.int(), localPort: z.int().optional() });
export type OwnerCheck = z.infer<typeof OwnerCheck>;
export const OwnerAnswer = z.object({
  /** The process at the other end of the connection (or, without localPort, every listener of the port) is in this process's group. */
  belongs: z.boolean(),
  /** When it is somebody else: what is known of them. */
  other: z.object({ pid: z.int(), command: z.string(), key: z.string().nullable() }).nullable(),
  /**
   * False when that connection was not to be seen: it is closed (`belongs` then rests on the listeners of the port), or the machine
   * shows no sockets (not Linux; `belongs` then only says that the process has not ended).
   */
  certain: z.boolean(),
});
export type OwnerAnswer = z.infer<typeof OwnerAnswer>;

/** `instance` is drawn anew whenever the supervisor starts. */
export const SupervisorHealth = z.object({
  version: z.string(),
  pid: z.int(),
  instance: z.string(),
  startedAt: z.iso.datetime(),
  system: z.array(ProcessState),
});
export type SupervisorHealth = z.infer<typeof SupervisorHealth>;
