import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { Lease, type LeaseLoss, LeaseLost } from './lease.ts';

let databaseUrl: string;
let other: pg.Client;
let lease: Lease;
let losses: LeaseLoss[];
let lost: Promise<LeaseLoss>;

beforeEach(async () => {
  databaseUrl = await testDatabase({ migrated: false });
  other = new pg.Client({ connectionString: databaseUrl });
  await other.connect();
  losses = [];
  const { promise, resolve } = Promise.withResolvers<LeaseLoss>();
  lost = promise;
  lease = await Lease.take({
    databaseUrl,
    log: () => {},
    onLost(loss) {
      losses.push(loss);
      resolve(loss);
    },
  });
});
afterEach(async () => {
  await lease.release();
  await other.end();
});

async function lockIsFree(): Promise<boolean> {
  const { rows } = await other.query<{ free: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as free',
    [lease.executorId],
  );
  return rows[0]?.free ?? false;
}

const pending = Symbol('pending');
const soon = <T>(promise: Promise<T>) => Promise.race([promise, sleep(300, pending)]);

test('it is held while the process lives, longer than a silent session would be', async () => {
  await sleep(3_000);
  lease.assertHeld();
  await lease.confirm();
  expect(await lockIsFree()).toBe(false);
  expect(losses).toEqual([]);
});

test('given back, it is free', async () => {
  await lease.release();
  await expect.poll(lockIsFree).toBe(true);
  expect(losses).toEqual([]);
  expect(() => lease.assertHeld()).toThrow(LeaseLost);
});

test('after a freeze it is refused before any timer can fire, then lost', async () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  expect(() => lease.assertHeld()).toThrow(LeaseLost);
  const confirmed = lease.confirm();
  expect(await lost).toBe('lock lost');
  expect(await soon(confirmed)).toBe(pending);
  expect(losses).toEqual(['lock lost']);
  expect(await lockIsFree()).toBe(true);
});

test('a clock that ran on without a heartbeat is doubted until the database confirms the lock', async () => {
  const real = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + 5_000);
  expect(() => lease.assertHeld()).toThrow(LeaseLost);
  await lease.confirm();
  lease.assertHeld();
  clock.mockRestore();
  expect(losses).toEqual([]);
});

test('a connection that breaks is the end of it, once', async () => {
  await other.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'towpath lease' and datname = current_database()",
  );
  expect(await lost).toBe('database away');
  expect(() => lease.assertHeld()).toThrow(LeaseLost);
  expect(await soon(lease.confirm())).toBe(pending);
  expect(losses).toHaveLength(1);
});

test('without a database there is no lease', async () => {
  const nowhere = 'postgresql://towpath@localhost/x?host=%2Fnonexistent';
  await expect(Lease.take({ databaseUrl: nowhere, log: () => {}, onLost: () => {} })).rejects.toThrow();
});

test('a duty is had by one at a time, and free as soon as its lease is', async () => {
  const next = await Lease.take({ databaseUrl, log: () => {}, onLost: () => {} });
  expect(await lease.leads('collecting')).toBe(true);
  expect(await lease.leads('collecting')).toBe(true);
  expect(await next.leads('collecting')).toBe(false);
  expect(await next.leads('something else')).toBe(true);
  await lease.release();
  expect(await lease.leads('collecting')).toBe(false);
  await expect.poll(() => next.leads('collecting')).toBe(true);
  await next.release();
});
