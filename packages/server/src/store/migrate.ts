import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TowpathError } from '@towpath/contract';
import pg from 'pg';
import { z } from 'zod';
import { migrate as applyMigrations, drizzle } from './drizzle.ts';

const oldestVersion = 15;
const ourMigrations = fileURLToPath(new URL('./migrations', import.meta.url));
/** Any constant number: the advisory lock of whoever migrates. */
const migrationLock = '7089165271043';

export interface MigrateOptions {
  /** The workflow library's own migration; runs under the same lock, after ours, with each start. */
  readonly alsoMigrate?: () => Promise<void>;
  /** How long another server's migration is waited for, in milliseconds. */
  readonly waitMs?: number;
  readonly folder?: string;
}

/**
 * Brings the schema up to this code. Any number of servers may call it at once: one migrates, the others wait and find it done.
 * All pending migrations are one transaction, so a kill leaves the schema as it was.
 * Throws database_too_old and schema_newer, which only a person can mend.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'towpath migrate',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A connection that breaks makes the query in progress fail, which is where it is handled.
  client.on('error', () => {});
  try {
    await client.connect();
    await refuseOldDatabase(client);
    await lock(client, options.waitMs ?? 120_000);
    const folder = options.folder ?? ourMigrations;
    await refuseNewerSchema(client, folder);
    await applyMigrations(drizzle({ client }), { migrationsFolder: folder });
    await options.alsoMigrate?.();
  } finally {
    // Ends the session, and the lock with it.
    await client.end().catch(() => {});
  }
}

async function refuseOldDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
  );
  const [row] = rows;
  if (row === undefined || row.number < oldestVersion * 10_000) {
    throw new TowpathError('database_too_old', `PostgreSQL is ${row?.version}; ${oldestVersion} or newer is needed`);
  }
}

/** Polls: a waiting `pg_advisory_lock` would hold a snapshot that CREATE INDEX CONCURRENTLY in the holder's migration waits for. */
async function lock(client: pg.Client, waitMs: number): Promise<void> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      migrationLock,
    ]);
    if (rows[0]?.taken === true) return;
    if (performance.now() > giveUpAt) {
      throw new TowpathError('database_away', `another server has been migrating the database for over ${waitMs} ms`);
    }
    await sleep(100);
  }
}

const Journal = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });

/** An older Towpath would write rows that the newer schema does not allow, or miss what the newer one relies on. */
async function refuseNewerSchema(client: pg.Client, folder: string): Promise<void> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as found",
  );
  if (tables[0]?.found !== true) return;
  const { rows } = await client.query<{ newest: string | null }>(
    'select max(created_at)::text as newest from drizzle.__drizzle_migrations',
  );
  const journal = Journal.parse(JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')));
  const known = Math.max(...journal.entries.map((entry) => entry.when));
  const newest = Number(rows[0]?.newest ?? 0);
  if (newest > known) {
    const day = (time: number) => new Date(time).toISOString().slice(0, 10);
    throw new TowpathError(
      'schema_newer',
      `the database's schema is of ${day(newest)}, this Towpath knows those up to ${day(known)}`,
    );
  }
}
