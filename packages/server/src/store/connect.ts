import { AsyncLocalStorage } from 'node:async_hooks';
import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { failpoint } from '../failpoints.ts';
import { PreparingClient } from '../preparing-client.ts';
import { isAway } from './away.ts';
import { drizzle } from './drizzle.ts';

/** What queries are made on: the pool, or a transaction. Functions that take one don't care which. */
export type Db = PgDatabase<NodePgQueryResultHKT>;

export interface Connection {
  readonly db: Db;
  readonly pool: pg.Pool;
  /** Waits for queries in progress, then ends all connections. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Connections at most. */
  readonly max?: number;
  /** How long a connection may take to come about, in milliseconds. */
  readonly connectMs?: number;
  /** A query that takes longer is ended by the database. In milliseconds. */
  readonly statementMs?: number;
  /**
   * Commits don't wait for the disk: a database that crashes may lose the last of them, and a later commit that waits makes all before it safe.
   */
  readonly hasty?: boolean;
  /** A transaction that asks nothing for so long is ended by the database. In milliseconds. */
  readonly idleInTransactionMs?: number;
}

/** Takes part in the transactions of whatever runs below `watched`. */
export interface TransactionWatch {
  /** Writes along, at the beginning; what it throws ends the transaction. */
  begun(tx: Db): Promise<void>;
  /** None of it happened. */
  undone(tx: Db): void;
}
const watches = new AsyncLocalStorage<TransactionWatch>();
export const watched = <T>(watch: TransactionWatch, work: () => Promise<T>): Promise<T> => watches.run(watch, work);

/** Pools of top-level databases; a Db that is not in here is a transaction already. */
const pools = new WeakMap<Db, pg.Pool>();

/** Makes a pool; connects with the first query. `url`: a direct connection, not one through a transaction pooler. */
export function connect(url: string, options: ConnectOptions): Connection {
  const statementMs = options.statementMs ?? 15_000;
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: url,
    application_name: options.name,
    max: options.max ?? 20,
    connectionTimeoutMillis: options.connectMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.hasty === true ? { options: '-c synchronous_commit=off' } : {}),
    statement_timeout: statementMs,
    // The client's own limit, for a database that froze and so ends nothing itself.
    query_timeout: statementMs + 2_000,
    // A frozen server must not keep its row locks from the one that takes over (in under 5 s).
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 3_000,
  });
  // An idle connection that breaks is replaced with the next query; without a listener it would end the process.
  pool.on('error', () => {});
  const db = drizzle({ client: pool });
  pools.set(db, pool);
  return { db, pool, close: () => pool.end() };
}

/**
 * Runs `work` in one transaction (READ COMMITTED): commits its result or rolls back. Inside a transaction it joins that one.
 * When the connection is lost during the commit, nobody knows whether it happened: work that is tried again must look first.
 */
export async function transaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  const pool = pools.get(db);
  if (pool === undefined) return work(db);
  const client = await pool.connect();
  // The pool listens only while a connection is idle.
  const ignore = () => {};
  client.on('error', ignore);
  let broken: Error | undefined;
  const watch = watches.getStore();
  const tx = drizzle({ client });
  try {
    await client.query('begin');
    await watch?.begun(tx);
    const result = await work(tx);
    failpoint('store.commit.before');
    await client.query('commit');
    failpoint('store.commit.after');
    return result;
  } catch (error) {
    watch?.undone(tx);
    // A connection that cannot roll back goes to the pool no more: it may be inside the transaction still.
    broken = isAway(error) ? asError(error) : await client.query('rollback').then(() => undefined, asError);
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
