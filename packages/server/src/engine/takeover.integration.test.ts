import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFailed, test, vi } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { migrateEngine } from './engine-database.ts';
import { fatalCode } from './testing/fatal.ts';
import { attempts, Fleet, notes, repeated, untilNotes } from './testing/fleet.ts';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let sideFile: string;
let databaseUrl: string;
let fleet: Fleet;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twp-engine-'));
  sideFile = join(folder, 'side');
  databaseUrl = await testDatabase({ migrated: false });
  await migrateEngine(databaseUrl, () => {});
  fleet = new Fleet({ databaseUrl, sideFile, steps: 8, stepMs: 100 });
  onTestFailed(() => console.error(fleet.errors));
});
afterEach(async () => {
  await fleet.stop();
  rmSync(folder, { recursive: true, force: true });
});

const by = (executorId: string) => notes(sideFile).filter((note) => note.executorId === executorId);
const ended = (count: number) => () => notes(sideFile).filter((note) => note.step === 'end').length >= count;

/** Workflow ids by their status in the engine's own tables. */
async function statuses(): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client
    .query<{ status: string; count: number }>(
      'select status, count(*)::int as count from dbos.workflow_status group by status',
    )
    .finally(() => client.end());
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

test.each(['SIGKILL', 'SIGSTOP'] as const)('after %s another server goes on', async (signal) => {
  const [first, second] = await Promise.all([fleet.server(), fleet.server()]);
  first.start('w');
  await untilNotes(sideFile, (seen) => seen.length >= 3, 30_000);
  first.signal(signal);
  await untilNotes(sideFile, () => by(second.executorId).length > 0, 15_000);
  await untilNotes(sideFile, ended(1), 30_000);
  expect(repeated(notes(sideFile))).toEqual([]);
  expect(by(second.executorId).at(-1)?.step).toBe('end');
});

test('a server that was frozen ends when it wakes, without having done anything', async () => {
  const [first, second] = await Promise.all([fleet.server(), fleet.server()]);
  for (const id of ['a', 'b', 'c']) first.start(id);
  await untilNotes(sideFile, (seen) => seen.length >= 6, 30_000);
  first.signal('SIGSTOP');
  await untilNotes(sideFile, () => by(second.executorId).length > 0, 30_000);
  const before = by(first.executorId).length;
  first.signal('SIGCONT');
  expect(await first.exited).toBe(fatalCode);
  await untilNotes(sideFile, ended(3), 30_000);
  expect(by(first.executorId)).toHaveLength(before);
  expect(repeated(notes(sideFile))).toEqual([]);
  await expect.poll(statuses).toEqual({ SUCCESS: 3 });
});

test('a server that was frozen for a moment only keeps its work', async () => {
  const [first, second] = await Promise.all([fleet.server(), fleet.server()]);
  first.start('w');
  await untilNotes(sideFile, (seen) => seen.length >= 3, 30_000);
  first.signal('SIGSTOP');
  await sleep(600);
  first.signal('SIGCONT');
  await untilNotes(sideFile, ended(1), 30_000);
  expect(by(second.executorId)).toEqual([]);
  expect([...attempts(notes(sideFile)).values()]).toEqual(Array(8).fill(1));
});

test.each([
  ['engine.start.recorded', [1, 1, 1, 1, 1, 1, 1, 1]],
  ['engine.step.begun:5', [1, 1, 1, 1, 1, 1, 1, 1]],
  // Done, but not on record: the one place where a step is done again.
  ['engine.step.done:5', [1, 1, 1, 1, 2, 1, 1, 1]],
  ['engine.step.recorded:5', [1, 1, 1, 1, 1, 1, 1, 1]],
])('killed at %s, nothing is left out, and what is on record is not done again', async (place, expected) => {
  const first = await fleet.server({ TOWPATH_FAILPOINT: place });
  first.start('w');
  expect(await first.exited).toBe('SIGKILL');
  await fleet.server();
  await untilNotes(sideFile, ended(1), 30_000);
  expect(repeated(notes(sideFile))).toEqual([]);
  expect([...attempts(notes(sideFile)).values()]).toEqual(expected);
});

test('killed between the release of what a dead server did and its adoption, the work is adopted by the next', async () => {
  const first = await fleet.server();
  first.start('w');
  await untilNotes(sideFile, (seen) => seen.length >= 3, 30_000);
  first.signal('SIGKILL');
  const second = await fleet.server({ TOWPATH_FAILPOINT: 'engine.released' });
  expect(await second.exited).toBe('SIGKILL');
  expect(await statuses()).toEqual({ ENQUEUED: 1 });
  await fleet.server();
  await untilNotes(sideFile, ended(1), 30_000);
  expect(repeated(notes(sideFile))).toEqual([]);
});

test('five servers start at once on an empty database; when one dies, each of its workflows is taken over by one', async () => {
  databaseUrl = await testDatabase({ migrated: false });
  fleet = new Fleet({ databaseUrl, sideFile, steps: 8, stepMs: 100, migrates: true });
  const servers = await Promise.all(Array.from({ length: 5 }, () => fleet.server()));
  const [first] = servers;
  const ids = Array.from({ length: 20 }, (_, index) => `w${index}`);
  for (const id of ids) first?.start(id);
  await untilNotes(sideFile, (seen) => seen.length >= 60, 30_000);
  first?.signal('SIGKILL');
  await untilNotes(sideFile, ended(ids.length), 30_000);
  expect(repeated(notes(sideFile))).toEqual([]);
  expect(Math.max(...attempts(notes(sideFile)).values())).toBe(2);
  await expect.poll(statuses).toEqual({ SUCCESS: ids.length });
});
