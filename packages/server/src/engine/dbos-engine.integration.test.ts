import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { testDatabase } from '../store/testing/database.ts';
import { DbosEngine } from './dbos-engine.ts';
import type { WorkflowContext } from './engine.ts';
import { enginePool, migrateEngine } from './engine-database.ts';
import { Lease } from './lease.ts';

class Away extends Error {}

const log = () => {};
const events = new EventEmitter();
let fatal: string[] = [];
let defects: string[] = [];
/** What the workflow `scripted` does next. */
let script: (context: WorkflowContext) => Promise<void>;
let lease: Lease;
let engine: DbosEngine;
let client: pg.Client;
let databaseUrl: string;

beforeAll(async () => {
  databaseUrl = await testDatabase({ migrated: false });
  await migrateEngine(databaseUrl, log);
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  lease = await Lease.take({ databaseUrl, log, onLost: () => {} });
  engine = new DbosEngine({
    databaseUrl,
    executorId: lease.executorId,
    log,
    confirmLease: () => lease.confirm(),
    isAway: (error) => error instanceof Away,
    fatal(reason) {
      fatal.push(reason);
      events.emit('fatal');
    },
    async onDefect(workflow, id, error) {
      defects.push(`${workflow} ${id} ${error}`);
    },
  });
  engine.define('scripted', (context) => script(context));
  await engine.launch();
});
afterAll(async () => {
  await engine.close();
  await lease.release();
  await client.end();
});
beforeEach(() => {
  fatal = [];
  defects = [];
});

async function record(id: string): Promise<{ status: string | undefined; steps: number }> {
  const status = await client.query<{ status: string }>(
    'select status from dbos.workflow_status where workflow_uuid = $1',
    [id],
  );
  const steps = await client.query('select from dbos.operation_outputs where workflow_uuid = $1', [id]);
  return { status: status.rows[0]?.status, steps: steps.rowCount ?? 0 };
}

test('a start is recorded when it resolves, and does nothing when it is repeated, even after the end', async () => {
  let runs = 0;
  script = async (context) => {
    runs += 1;
    expect(await context.step('one', async () => ({ a: [1, 'x', null] }))).toEqual({ a: [1, 'x', null] });
  };
  expect(await engine.unknown(['twice', 'no-such'])).toEqual(['twice', 'no-such']);
  await Promise.all([engine.start('scripted', 'twice', { run: 1 }), engine.start('scripted', 'twice', { run: 1 })]);
  expect(await engine.unknown(['twice', 'no-such'])).toEqual(['no-such']);
  await expect.poll(() => record('twice')).toEqual({ status: 'SUCCESS', steps: 1 });
  await engine.start('scripted', 'twice', { run: 1 });
  await expect(record('twice')).resolves.toEqual({ status: 'SUCCESS', steps: 1 });
  expect(runs).toBe(1);
});

test('a workflow that a step has started is no child of that step', async () => {
  script = async (context) => {
    if (context.id === 'parent') {
      await context.step('wakes the dispatcher', async () => {
        await engine.start('scripted', 'woken', {});
        return null;
      });
    }
  };
  await engine.start('scripted', 'parent', {});
  await expect.poll(() => record('woken')).toEqual({ status: 'SUCCESS', steps: 0 });
  await expect.poll(() => record('parent')).toEqual({ status: 'SUCCESS', steps: 1 });
});

test('a defect ends the workflow after it was told', async () => {
  script = async (context) => {
    await context.step('breaks', async () => {
      throw new TypeError('no such thing');
    });
  };
  await engine.start('scripted', 'defect', {});
  await expect.poll(() => record('defect')).toEqual({ status: 'ERROR', steps: 1 });
  expect(defects).toEqual(['scripted defect TypeError: no such thing']);
  expect(fatal).toEqual([]);
});

test.each([
  ['a stale claim', new StaleClaim({ scope: 'run/1', epoch: 3 }), 'stale claim'],
  ['a database that is away', new Away(), 'database away'],
])('%s ends the server, and neither the step nor the workflow', async (name, error, reason) => {
  for (const [where, throws] of [
    ['step', (context: WorkflowContext) => context.step('breaks', () => Promise.reject(error))],
    ['body', () => Promise.reject(error)],
  ] as const) {
    fatal = [];
    script = async (context) => {
      await throws(context);
    };
    const id = `${where} ${name}`;
    const told = once(events, 'fatal');
    await engine.start('scripted', id, {});
    await told;
    expect(fatal).toEqual([reason]);
    await expect(record(id)).resolves.toEqual({ status: 'PENDING', steps: 0 });
  }
  expect(defects).toEqual([]);
});

test('a workflow that was released while a step ran can record nothing here', async () => {
  script = async (context) => {
    await context.step('outlives its lease', async () => {
      await engine.release(lease.executorId);
      return null;
    });
  };
  const told = once(events, 'fatal');
  await engine.start('scripted', 'released', {});
  await told;
  expect(fatal).toEqual(['stale claim']);
  await expect(record('released')).resolves.toEqual({ status: 'ENQUEUED', steps: 0 });
  // Goes on from here, and the one that lost it still can't end it.
  script = async () => {};
  await expect(engine.abandoned()).resolves.toMatchObject({ waiting: true });
  expect(await engine.adopt()).toBeGreaterThan(0);
  await expect.poll(() => record('released')).toEqual({ status: 'SUCCESS', steps: 0 });
});

test('two servers that release the same executor at a time free its work once', async () => {
  await client.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name, executor_id, application_version, application_name)
     select 'dead ' || n, 'PENDING', 'scripted', 'a dead server', 'engine-1', 'towpath' from generate_series(1, 50) n`,
  );
  await expect(engine.abandoned()).resolves.toMatchObject({ executors: ['a dead server'], waiting: false });
  const counts = await Promise.all([1, 2, 3].map(() => engine.release('a dead server')));
  expect(counts.sort((a, b) => a - b)).toEqual([0, 0, 50]);
  await client.query("delete from dbos.workflow_status where workflow_uuid like 'dead %'");
});

test('an executor whose lease is held is not abandoned', async () => {
  const other = await Lease.take({ databaseUrl, log, onLost: () => {} });
  await client.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name, executor_id, application_version, application_name)
     values ('alive', 'PENDING', 'scripted', $1, 'engine-1', 'towpath')`,
    [other.executorId],
  );
  await expect(engine.abandoned()).resolves.toMatchObject({ executors: [], waiting: false });
  await other.release();
  await expect.poll(() => engine.abandoned()).toMatchObject({ executors: [other.executorId], waiting: false });
  await client.query("delete from dbos.workflow_status where workflow_uuid = 'alive'");
});

test('a transaction that a frozen server left open does not keep its locks', async () => {
  const pool = enginePool(databaseUrl, 1, log);
  const frozen = await pool.connect();
  frozen.on('error', () => {});
  await frozen.query('begin');
  await frozen.query('lock table dbos.workflow_status in access exclusive mode');
  await expect(engine.unknown(['x'])).resolves.toEqual(['x']);
  await expect(frozen.query('select 1')).rejects.toThrow();
  frozen.release(true);
  await pool.end();
});

test('what ended long ago is forgotten, what goes on is not', async () => {
  const old = Date.now() - 3_600_000;
  await client.query(
    `insert into dbos.workflow_status
       (workflow_uuid, status, name, executor_id, application_version, application_name, created_at, updated_at)
     select status || n, status, 'scripted', $1, 'engine-1', 'towpath', $2, $2
     from generate_series(1, 600) n, unnest(array['SUCCESS', 'ERROR', 'PENDING']) status where status <> 'PENDING' or n = 1`,
    [lease.executorId, old],
  );
  await client.query("insert into dbos.operation_outputs (workflow_uuid, function_id) values ('SUCCESS1', 0)");
  script = async (context) => void (await context.step('one', async () => null));
  await engine.start('scripted', 'of now', {});
  await expect.poll(() => record('of now')).toEqual({ status: 'SUCCESS', steps: 1 });
  expect(await engine.forget(new Date(old + 1_000))).toBe(1_200);
  expect(await record('SUCCESS1')).toEqual({ status: undefined, steps: 0 });
  expect(await record('PENDING1')).toEqual({ status: 'PENDING', steps: 0 });
  expect(await record('of now')).toEqual({ status: 'SUCCESS', steps: 1 });
  await client.query("delete from dbos.workflow_status where workflow_uuid = 'PENDING1'");
});

test('the library polls no queues', async () => {
  const scans = async () => {
    const { rows } = await client.query<{ count: number }>(
      "select seq_scan::int as count from pg_stat_user_tables where schemaname = 'dbos' and relname = 'queues'",
    );
    return rows[0]?.count;
  };
  // The database's own counts come up to a second late.
  await sleep(1_500);
  const before = await scans();
  await sleep(3_000);
  expect(await scans()).toBe(before);
});
