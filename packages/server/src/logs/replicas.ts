import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '@towpath/contract';
import type { LogLimits } from '../domain/logs/cap.ts';
import type { Log } from '../engine/log.ts';
import type { ListedReplica, Platform } from '../platforms/platform.ts';
import type { Mask } from '../secrets/mask.ts';
import { isAway } from '../store/away.ts';
import { Bell, type Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import { endReplicaLogs, findLogs, holdReplicaLogs, LogMoved, openReplicaLogs } from '../store/logs.ts';
import { pump } from './pump.ts';

/** How soon a new replica is seen, and a server that is gone is replaced after `holdMs`. In ms. */
const lookMs = 1_000;
const holdMs = 3_000;

export interface ReplicaLogsOptions {
  readonly db: Db;
  readonly changes: Pick<Changes, 'on'>;
  readonly platform: Pick<Platform, 'list' | 'logs'>;
  readonly limits: LogLimits;
  /** Unique among those that run. */
  readonly server: string;
  /** Of a release, by its key. */
  readonly maskOf: (release: string) => Promise<Mask>;
  readonly log: Log;
}

/** Stores what the replicas of all targets print, each over its whole life. One server does so at a time. */
export class ReplicaLogs {
  readonly #options: ReplicaLogsOptions;
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  /** By replica; those that this server stores now. */
  readonly #pumps = new Map<string, Promise<void>>();
  readonly #ended = new Set<string>();
  /** Ended when another server stores them. */
  #term: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReplicaLogsOptions) {
    this.#options = options;
  }

  start(): void {
    const silence = this.#options.changes.on('deployment', () => this.#bell.ring());
    this.#running = this.#run().finally(silence);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#bell.ring();
    await this.#running;
    await this.#resign();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        if (!isPassing(error)) this.#options.log('error', 'what replicas print cannot be stored', error);
      }
      await this.#bell.heard(lookMs);
      // Not with every note of a rollout.
      await sleep(50);
    }
  }

  async #look(): Promise<void> {
    const { db, platform, server } = this.#options;
    if (!(await holdReplicaLogs(db, server, holdMs))) return this.#resign();
    const listed = await platform.list();
    if (this.#term === null) await this.#takeOffice(listed);
    const fresh = listed.filter(({ id }) => !this.#pumps.has(id) && !this.#ended.has(id));
    for (const { key, endedAt } of await findLogs(
      db,
      fresh.map(({ id }) => id),
    )) {
      if (endedAt !== null) this.#ended.add(key);
    }
    for (const replica of fresh) if (!this.#ended.has(replica.id)) this.#begin(replica);
    const known = new Set(listed.map(({ id }) => id));
    for (const id of this.#ended) if (!known.has(id)) this.#ended.delete(id);
  }

  /** Replicas that were forgotten while nobody looked have ended. */
  async #takeOffice(listed: readonly ListedReplica[]): Promise<void> {
    const { db } = this.#options;
    const known = new Set(listed.map(({ id }) => id));
    await endReplicaLogs(
      db,
      (await openReplicaLogs(db)).map(({ key }) => key).filter((key) => !known.has(key)),
    );
    this.#term = new AbortController();
  }

  async #resign(): Promise<void> {
    this.#term?.abort();
    this.#term = null;
    await Promise.all(this.#pumps.values());
  }

  #begin(replica: ListedReplica): void {
    const term = this.#term?.signal;
    if (term === undefined) return;
    const storing = this.#store(replica, term)
      .catch((error: unknown) => {
        // The next look begins it again.
        if (!term.aborted && !isPassing(error))
          this.#options.log('error', `what ${replica.id} prints cannot be stored`, error);
      })
      .finally(() => this.#pumps.delete(replica.id));
    this.#pumps.set(replica.id, storing);
  }

  async #store({ id, target, release }: ListedReplica, term: AbortSignal): Promise<void> {
    const { db, platform, limits, maskOf } = this.#options;
    await pump(db, limits, {
      key: id,
      source: id,
      claim: null,
      mask: await maskOf(release),
      targetId: Number(target.slice(target.indexOf('/') + 1)),
      read: (offset, signal) => platform.logs(id, offset, { follow: true, signal: AbortSignal.any([signal, term]) }),
    });
    term.throwIfAborted();
    await endReplicaLogs(db, [id]);
    this.#ended.add(id);
  }
}

/** The database or the keeper of the replicas is away, or another server has stored something a moment ago. */
const isPassing = (error: unknown): boolean =>
  isAway(error) || isCode(error, 'supervisor_away') || error instanceof LogMoved;
