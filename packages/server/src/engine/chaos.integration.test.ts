import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { migrateEngine } from './engine-database.ts';
import { type FixtureServer, Fleet, notes, repeated, untilNotes } from './testing/fleet.ts';

const kills = 30;

let folder: string;
let sideFile: string;
let fleet: Fleet;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twp-engine-'));
  sideFile = join(folder, 'side');
  const databaseUrl = await testDatabase({ migrated: false });
  await migrateEngine(databaseUrl, () => {});
  fleet = new Fleet({ databaseUrl, sideFile, steps: 30, stepMs: 100 });
});
afterAll(async () => {
  await fleet.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a workflow and waits until it runs, so that the engine has it on record. */
async function begin(server: FixtureServer, id: string): Promise<void> {
  server.start(id);
  await untilNotes(sideFile, (seen) => seen.some((note) => note.id === id), 60_000);
}

test(`over ${kills} kills no recorded step is repeated and no workflow is lost`, { timeout: 600_000 }, async () => {
  onTestFailed(() => console.error(fleet.errors));
  let pair = await Promise.all([fleet.server(), fleet.server()]);
  for (let kill = 0, round = 0; kill < kills; round += 1) {
    const [older, newer] = pair;
    await begin(newer, `w${round}`);
    await sleep(Math.random() * 300);
    older.signal('SIGKILL');
    kill += 1;
    // Now and then both, so that nobody is left to take over before the next start.
    const both = round % 4 === 3;
    if (both) newer.signal('SIGKILL');
    if (both) kill += 1;
    pair = both ? await Promise.all([fleet.server(), fleet.server()]) : [newer, await fleet.server()];
  }
  const begun = new Set(notes(sideFile).map((note) => note.id));
  const over = () => new Set(notes(sideFile).flatMap((note) => (note.step === 'end' ? [note.id] : [])));
  await untilNotes(sideFile, () => over().size === begun.size, 60_000);
  expect(over()).toEqual(begun);
  expect(repeated(notes(sideFile))).toEqual([]);
});
