import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs';
import pg from 'pg';
import { PreparingClient } from '../preparing-client.ts';
import type { Log } from './log.ts';

/** The PostgreSQL schema that holds the workflow library's own tables. */
export const engineSchema = 'dbos';

/**
 * Neither messages nor events of the library are used, so its LISTEN connection is not needed. Migration and launch must agree:
 * the triggers are part of the migration.
 */
export const listenNotify = false;

/** The library's logger, routed to ours. Its "info" is a trace of its own start and tells people nothing. */
export function libraryLog(log: Log) {
  const text = (entry: unknown) => (entry instanceof Error ? entry.message : String(entry));
  return {
    debug: () => {},
    info: (entry: unknown) => log('debug', `engine: ${text(entry)}`),
    warn: (entry: unknown) => log('warn', `engine: ${text(entry)}`),
    error: (entry: unknown) => log('error', `engine: ${text(entry)}`, entry),
  };
}

/**
 * The engine's own connections.
 *
 * A server that freezes inside a transaction keeps its row locks, and whoever takes its work over would wait for them: the
 * database ends such a transaction as fast as it ends the frozen server's lease.
 *
 * What it commits is not waited for on disk: it only remembers progress, and is never ahead of the record (docs/decisions/0008).
 */
export function enginePool(databaseUrl: string, max: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: databaseUrl,
    application_name: 'towpath engine',
    options: '-c synchronous_commit=off',
    max,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: 1_500,
    keepAlive: true,
  });
  pool.on('error', (error) => log('warn', 'engine: an idle connection broke', error));
  return pool;
}

/**
 * Brings the library's tables up to date. Several servers doing this at once deadlock: the caller holds the migration lock.
 * Runs again after a crash without harm.
 */
export async function migrateEngine(databaseUrl: string, log: Log): Promise<void> {
  const pool = enginePool(databaseUrl, 1, log);
  try {
    const logger = new GlobalLogger(undefined, { logger: libraryLog(log) });
    await ensureSystemDatabase(databaseUrl, logger, pool, engineSchema, listenNotify);
  } finally {
    await pool.end();
  }
}
