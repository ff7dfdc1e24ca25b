import type { Exit, ProcessSpec, ProcessState } from '@towpath/contract/supervisor';
import { failpoint } from '../failpoints.ts';
import type { ProcessTable, Row } from '../machine/table.ts';
import { backoffDelay, nextQuickDeaths, serviceBackoff, systemBackoff } from './backoff.ts';
import { membersOf } from './ending.ts';
import type { Accepted, Ending, ProcessFolder, Stopping } from './folder.ts';
import type { Incarnation } from './incarnation.ts';
import { type LifeEnd, live } from './life.ts';
import { pause } from './timers.ts';

/** What all kept processes share. */
export interface Surroundings {
  readonly table: ProcessTable;
  /** The value of TOWPATH_PROCESS for a key: it tells this supervisor's processes from another installation's. */
  markerOf(key: string): string;
  log(line: string): void;
}

/** The owner of server, router and PostgreSQL: no epoch guards it, only the supervisor's own configuration. */
export const systemOwner = 'system';

/** So often a task is tried whose command could not even be started: no process to be had, disk full. */
const mostAttempts = 5;

/**
 * One kept process: a task until it has ended once, a service until it is stopped. What must survive the supervisor is in the folder;
 * what is here follows from it. Its life is one loop, interrupted by the intention to stop and by nothing else.
 */
export class KeptProcess {
  readonly key: string;
  readonly folder: ProcessFolder;
  /** Resolves when it has ended for good and nothing of it is left. */
  readonly ended: Promise<void>;
  /** Resolves when the first start was tried, or an earlier one found again. */
  readonly begun: Promise<void>;

  readonly #around: Surroundings;
  readonly #marker: string;
  /** Without the environment: it may hold secrets, and is read again when it is needed. */
  readonly #spec: Omit<ProcessSpec, 'env'>;
  /** The whole one, until the first start. */
  #fresh: ProcessSpec | null;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #setBegun: () => void;
  #incarnation: Incarnation;
  #stopping: Stopping | null;
  #ending: Ending | null;
  #phase: ProcessState['phase'] = 'starting';
  #pid: number | null = null;
  #exit: Exit | null = null;
  #reason: string | null = null;
  #startedAt: Date | null;
  #nextStartAt: Date | null = null;

  /** Takes up whatever the folder says: starts, adopts, goes on stopping, or only remembers. */
  constructor(around: Surroundings, folder: ProcessFolder, accepted: Accepted) {
    const { env: _, ...spec } = accepted.spec;
    this.key = accepted.key;
    this.folder = folder;
    this.#around = around;
    this.#marker = around.markerOf(accepted.key);
    this.#spec = spec;
    this.#fresh = accepted.spec;
    this.#incarnation = folder.incarnation();
    this.#startedAt = this.#incarnation.startedAt();
    this.#ending = folder.ending();
    this.#stopping = folder.stopping();
    if (this.#stopping !== null) this.#stop.abort();
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    this.#setBegun = begun.resolve;
    this.ended = this.#ending === null ? this.#keepInSpite() : Promise.resolve();
    if (this.#ending !== null) {
      this.#fresh = null;
      this.#over.abort();
      begun.resolve();
    }
  }

  get spec(): Omit<ProcessSpec, 'env'> {
    return this.#spec;
  }

  get hasEnded(): boolean {
    return this.#ending !== null;
  }

  /** Aborted when it has ended: for those who may give up waiting. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isStopping(): boolean {
    return this.#stopping !== null && !this.hasEnded;
  }

  state(listens: readonly number[] = []): ProcessState {
    return {
      key: this.key,
      owner: this.#spec.owner,
      mode: this.#spec.mode,
      phase: this.#ending?.phase ?? (this.isStopping ? 'stopping' : this.#phase),
      pid: this.#pid,
      exit: this.#ending?.exit ?? this.#exit,
      reason: this.#ending === null ? this.#reason : this.#ending.reason,
      restarts: this.#incarnation.number - 1,
      startedAt: this.#ending?.startedAt ?? this.#startedAt?.toISOString() ?? null,
      endedAt: this.#ending?.endedAt ?? null,
      nextStartAt: this.#nextStartAt?.toISOString() ?? null,
      port: this.#spec.port ?? null,
      listens: [...listens],
      logBytes: this.folder.logBytes(),
    };
  }

  /** Those of these processes that belong to this one. */
  members(rows: readonly Row[]): Row[] {
    if (this.hasEnded) return [];
    const isOurs = (row: Row) => row.marker === this.#marker || !this.#around.table.showsMarkers;
    const leader = rows.find((row) => row.pid === this.#pid && isOurs(row)) ?? null;
    return membersOf(rows, { leader, marker: this.#marker, out: this.folder.outId(), pipe: null });
  }

  /** Records the intention, then ends it; a second call can only shorten the grace. An ended process stays as it is. */
  stop(graceMs = this.#spec.graceMs): void {
    this.#intend({ why: 'asked', at: Date.now(), graceMs });
  }

  #intend(wanted: Stopping): void {
    if (this.hasEnded) return;
    const before = this.#stopping;
    if (before !== null && before.at + before.graceMs <= wanted.at + wanted.graceMs && before.why === 'asked') return;
    failpoint('supervisor.stop.before');
    this.folder.recordStopping(wanted);
    failpoint('supervisor.stop.after');
    this.#stopping = wanted;
    this.#stop.abort();
  }

  /** Whatever goes wrong around the folder (a full disk, an unreadable file): says so and takes it up again from what the folder says. */
  async #keepInSpite(): Promise<void> {
    for (;;) {
      try {
        return await this.#keep();
      } catch (error) {
        this.#reason = `the supervisor cannot go on with it: ${error instanceof Error ? error.message : error}`;
        this.#around.log(`${JSON.stringify(this.key)}: ${this.#reason}`);
        this.#setBegun();
        await pause(1_000);
      }
    }
  }

  async #keep(): Promise<void> {
    const backoff = this.#spec.owner === systemOwner ? systemBackoff : serviceBackoff;
    let quickDeaths = 0;
    let failedStarts = 0;
    for (;;) {
      const end = await this.#live();
      this.#pid = null;
      this.#reason = end.reason;
      if (end.ran) this.#exit = end.exit;
      if (this.#stop.signal.aborted || (this.#spec.mode === 'task' && (end.ran || failedStarts + 1 >= mostAttempts))) {
        return this.#finish(end);
      }
      if (end.ran) {
        quickDeaths = nextQuickDeaths(backoff, quickDeaths, end.livedMs);
        failedStarts = 0;
        failpoint('supervisor.incarnation.before');
        this.#incarnation = this.folder.nextIncarnation(this.#spec.user);
        failpoint('supervisor.incarnation.after');
      } else {
        failedStarts += 1;
      }
      // What hinders a start may be gone soon, and looking costs little.
      await this.#backOff(end.ran ? backoffDelay(backoff, quickDeaths) : backoffDelay(systemBackoff, failedStarts));
    }
  }

  #live(): Promise<LifeEnd> {
    return live({
      table: this.#around.table,
      folder: this.folder,
      incarnation: this.#incarnation,
      marker: this.#marker,
      spec: this.#spec,
      wholeSpec: () => this.#takeFresh() ?? this.folder.accepted()?.spec ?? null,
      stop: this.#stop.signal,
      stopping: () => this.#stopping,
      onRunning: (pid, startedAt) => {
        this.#fresh = null;
        this.#pid = pid;
        this.#startedAt = startedAt;
        this.#phase = 'running';
        this.#reason = null;
        this.#setBegun();
      },
      onTimeout: () => this.#intend({ why: 'timeout', at: Date.now(), graceMs: this.#spec.graceMs }),
      onReason: (reason) => {
        this.#reason = reason;
      },
    });
  }

  #takeFresh(): ProcessSpec | null {
    const fresh = this.#fresh;
    this.#fresh = null;
    return fresh;
  }

  async #backOff(delayMs: number): Promise<void> {
    this.#phase = 'backoff';
    this.#nextStartAt = new Date(Date.now() + delayMs);
    this.#around.log(`${JSON.stringify(this.key)} ${this.#reason ?? 'ended'}; starts again in ${delayMs} ms`);
    this.#setBegun();
    await pause(delayMs, this.#stop.signal);
    this.#nextStartAt = null;
  }

  #finish(end: LifeEnd): void {
    const timeout = this.#stopping?.why === 'timeout';
    const ending: Ending = {
      phase: this.#stopping === null || timeout ? 'exited' : 'stopped',
      exit: end.ran ? end.exit : this.#exit,
      reason: timeout ? `ran longer than ${inWords(this.#spec.timeoutMs ?? 0)}` : end.reason,
      startedAt: this.#startedAt?.toISOString() ?? null,
      endedAt: (this.#incarnation.endedAt() ?? new Date()).toISOString(),
    };
    failpoint('supervisor.end.before');
    this.folder.recordEnding(ending);
    failpoint('supervisor.end.after');
    this.#ending = ending;
    this.#over.abort();
    this.#setBegun();
  }
}

/** A duration for people: `30 min`, `90 s`, `250 ms`. */
export function inWords(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`;
}
