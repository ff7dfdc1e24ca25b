import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Log } from './log.ts';

/** A frozen server asks nothing: the database ends its session, and the lock with it, after this time. */
const sessionMs = 1_500;
/** A confirmation holds this long: less than the session's time, as the next effect takes a moment too. */
const freshMs = 1_200;
const heartbeatMs = 400;
/** By which PostgreSQL tells a lease's session from others. */
export const leaseSession = 'towpath lease';
/** A database that takes longer to answer `select 1` counts as away. */
const answerMs = 3_000;

export type LeaseLoss = 'lock lost' | 'database away';

export interface LeaseOptions {
  /** A direct connection: a transaction pooler would drop the lock. */
  readonly databaseUrl: string;
  readonly log: Log;
  /** Called once, whatever the cause; ends the process. A lease that was lost does not come back. */
  readonly onLost: (loss: LeaseLoss, error: Error) => void;
}

/** Thrown by assertHeld. */
export class LeaseLost extends Error {
  constructor(executorId: string) {
    super(`the lease of ${executorId} is lost, or not confirmed for ${freshMs} ms`);
    this.name = 'LeaseLost';
  }
}

/**
 * Proof that this process is alive: a session advisory lock on its executor id, on a connection of its own. Others take the work
 * over of whoever does not hold it. It proves nothing to the keepers of effects, which is what epochs are for; it makes the
 * takeover quick, and a server that was frozen stop before it acts.
 */
export class Lease {
  readonly executorId: string;
  readonly #client: pg.Client;
  readonly #options: LeaseOptions;
  /** When the last heartbeat that was answered had been sent (monotonic, in ms). */
  #confirmedAt: number;
  /** How long nothing had been asked when the latest heartbeat was sent, in ms. */
  #silentMs = 0;
  #beating: Promise<void> | undefined;
  readonly #duties = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  private constructor(executorId: string, client: pg.Client, options: LeaseOptions, confirmedAt: number) {
    this.executorId = executorId;
    this.#client = client;
    this.#options = options;
    this.#confirmedAt = confirmedAt;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('the connection was ended')));
    this.#schedule();
  }

  /** Takes the lock on an executor id that nobody ever had. Throws when the database is away. */
  static async take(options: LeaseOptions): Promise<Lease> {
    const executorId = randomUUID();
    const client = new pg.Client({
      connectionString: options.databaseUrl,
      application_name: leaseSession,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    // A connection that breaks makes the query in progress fail, which is where it is handled until the lease is held.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(`set idle_session_timeout = ${sessionMs}`);
      const sentAt = performance.now();
      const { rows } = await client.query<{ taken: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [executorId],
      );
      if (rows[0]?.taken !== true) throw new Error(`somebody else holds the lock of ${executorId}`);
      return new Lease(executorId, client, options, sentAt);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  }

  /** Before an effect: throws LeaseLost when the lease is lost, or was not confirmed lately. */
  assertHeld(): void {
    if (this.#over || !this.#fresh()) throw new LeaseLost(this.executorId);
  }

  /**
   * Resolves while the lease is held: at once when it was confirmed lately, else when the database has confirmed it. Once it is
   * lost, never. Judged by the clock, so that a server that was frozen waits even before its first timer fires.
   */
  async confirm(): Promise<void> {
    while (this.#over || !this.#fresh()) await this.#beat();
  }

  /**
   * Takes a duty that one server at a time has, unless another one has it. It is kept for as long as the lease: in the lease's own session,
   * so that it is free as soon as this server is dead or frozen. False as well when the database does not answer.
   */
  async leads(duty: string): Promise<boolean> {
    if (this.#over) return false;
    if (this.#duties.has(duty)) return true;
    try {
      const { rows } = await this.#client.query<{ taken: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [`duty ${duty}`],
      );
      if (rows[0]?.taken !== true) return false;
    } catch {
      return false; // The lease goes with its session.
    }
    this.#duties.add(duty);
    return true;
  }

  /** Gives the lock back, at the end of a server's life. */
  async release(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    await this.#client.end().catch(() => {});
  }

  #fresh(): boolean {
    return performance.now() - this.#confirmedAt < freshMs;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#beat(), heartbeatMs);
  }

  /** One heartbeat at a time. Resolves when it was answered; never, when the lease is lost. */
  #beat(): Promise<void> {
    if (this.#over) return new Promise(() => {});
    this.#beating ??= this.#ask();
    return this.#beating;
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    const sentAt = performance.now();
    this.#silentMs = sentAt - this.#confirmedAt;
    const limit = setTimeout(() => this.#lose(new Error(`no answer for ${answerMs} ms`)), answerMs);
    try {
      await this.#client.query('select 1');
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(limit);
    }
    if (this.#over) return new Promise(() => {});
    this.#confirmedAt = sentAt;
    this.#beating = undefined;
    this.#schedule();
  }

  #lose(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    // 57P05: the database ended the session for its silence. Whoever writes to it before reading that is told of a broken pipe.
    const frozen = this.#silentMs > sessionMs || ('code' in error && error.code === '57P05');
    const loss = frozen ? 'lock lost' : 'database away';
    this.#options.log('error', `the lease of ${this.executorId} is gone: ${loss} (${error.message})`);
    this.#options.onLost(loss, error);
  }
}
