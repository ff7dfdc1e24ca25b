import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { testDatabase } from './testing/database.ts';

let url: string;
let client: pg.Client;
let folder: string;

beforeEach(async () => {
  url = await testDatabase({ migrated: false });
  client = new pg.Client({ connectionString: url });
  await client.connect();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'towpath-migrations-'));
});
afterEach(async () => {
  await client.end();
  fs.rmSync(folder, { recursive: true });
});

const tables = async () => {
  const { rows } = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  return rows.map((row) => row.name);
};

test('five servers at once: one after another, and the schema is there once', async () => {
  let inside = 0;
  const seen: number[] = [];
  const alsoMigrate = async () => {
    seen.push(++inside);
    await client.query('select pg_sleep(0.02)');
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => migrate(url, { alsoMigrate })));
  expect(seen).toEqual([1, 1, 1, 1, 1]);
  expect(await tables()).toEqual(expect.arrayContaining(['runs', 'targets', 'events', 'tokens']));
  const { rows } = await client.query('select generation from route_generation');
  expect(rows).toEqual([{ generation: 0 }]);
});

test('a migration of the library that fails is told, and frees the lock for the next try', async () => {
  const failing = migrate(url, { alsoMigrate: () => Promise.reject(new Error('no such engine')) });
  await expect(failing).rejects.toThrow('no such engine');
  await migrate(url, { waitMs: 10_000 });
});

test('a server that migrates for too long is not waited for without end', async () => {
  const done = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const slow = migrate(url, {
    alsoMigrate: () => {
      inside.resolve();
      return done.promise;
    },
  });
  await inside.promise;
  await expect(migrate(url, { waitMs: 50 })).rejects.toMatchObject({ code: 'database_away' });
  done.resolve();
  await slow;
});

test('a schema that is newer than the code is refused and left alone', async () => {
  await migrate(url);
  await client.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 4102444800000)");
  await expect(migrate(url)).rejects.toMatchObject({ code: 'schema_newer', message: expect.stringContaining('2100') });
});

test('PostgreSQL 14 is refused', async () => {
  // The newest thing about an old server that we look at is what it says of itself.
  await client.query(`create function public.current_setting(text) returns text language sql
    as $$ select case $1 when 'server_version_num' then '140012' else '14.12' end $$`);
  const old = `${url}&options=${encodeURIComponent('-c search_path=public,pg_catalog')}`;
  await expect(migrate(old)).rejects.toMatchObject({
    code: 'database_too_old',
    message: expect.stringContaining('14.12'),
  });
  expect(await tables()).toEqual([]);
});

test('SIGKILL in the middle of a migration leaves the schema as it was', async () => {
  await migrate(url);
  addMigration('create table half (id integer); --> statement-breakpoint\nselect pg_advisory_xact_lock(4711);');
  await client.query('select pg_advisory_lock(4711)');
  const child = migrateInAProcess();
  await untilSomebodyWaits();
  child.kill('SIGKILL');
  await once(child, 'exit');
  await client.query('select pg_advisory_unlock(4711)');
  await migrate(url, { waitMs: 30_000 });
  expect(await tables()).not.toContain('half');
  // Nothing is in the way of the same migration's second try.
  await migrate(url, { folder });
  expect(await tables()).toContain('half');
});

function addMigration(sql: string): void {
  fs.cpSync(new URL('./migrations', import.meta.url), folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '9999_next.sql'), sql);
  const file = path.join(folder, 'meta/_journal.json');
  const journal: { entries: unknown[] } = JSON.parse(fs.readFileSync(file, 'utf8'));
  journal.entries.push({ idx: 9999, version: '7', when: 4_000_000_000_000, tag: '9999_next', breakpoints: true });
  fs.writeFileSync(file, JSON.stringify(journal));
}

function migrateInAProcess(): ChildProcess {
  const module = JSON.stringify(new URL('./migrate.ts', import.meta.url));
  const options = JSON.stringify({ folder });
  const code = `import { migrate } from ${module}; await migrate(${JSON.stringify(url)}, ${options});`;
  return spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "select 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted",
    );
    if (rows.length > 0) return;
  }
}
