import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { type Cluster, startCluster } from '../store/testing/cluster.ts';
import { migrateEngine } from './engine-database.ts';
import { fatalCode } from './testing/fatal.ts';
import { type FixtureServer, Fleet, notes, repeated, untilNotes } from './testing/fleet.ts';

let folder: string;
let sideFile: string;
let cluster: Cluster;
let fleet: Fleet;
/** Ends the second PostgreSQL, which the cluster knows nothing of. */
let endSecond = async () => {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twp-engine-'));
  sideFile = join(folder, 'side');
  cluster = await startCluster('embedded');
  await migrateEngine(cluster.url('postgres'), () => {});
  fleet = new Fleet({ databaseUrl: cluster.url('postgres'), sideFile, steps: 20, stepMs: 100 });
});
afterAll(async () => {
  await fleet.stop();
  await endSecond();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The cluster's folder, as its URL names it. */
const home = () => new URL(cluster.url('postgres')).searchParams.get('host') ?? '';

function killDatabase(): void {
  const [pid] = readFileSync(join(home(), 'data/postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGKILL');
}

/** Starts PostgreSQL again on the same folder, the crash recovery included. */
function startDatabase(): void {
  const { uid, gid } = statSync(join(home(), 'data'));
  const child = spawn(
    join(home(), 'native/bin/postgres'),
    ['-D', join(home(), 'data'), '-c', 'listen_addresses=', '-c', `unix_socket_directories=${home()}`],
    { ...(process.getuid?.() === 0 ? { uid, gid } : {}), cwd: '/', env: { LC_ALL: 'C' }, stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  endSecond = async () => {
    child.kill('SIGINT');
    await exited;
  };
}

/** As a supervisor does: again until it stays. */
async function restarted(withinMs: number): Promise<FixtureServer> {
  for (const giveUpAt = performance.now() + withinMs; ; await sleep(200)) {
    try {
      return await fleet.server();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
  }
}

test('PostgreSQL is killed: all servers end; when it is back, what they did goes on', {
  timeout: 180_000,
}, async () => {
  onTestFailed(() => console.error(fleet.errors));
  const servers = await Promise.all([fleet.server(), fleet.server()]);
  for (const [index, server] of servers.entries()) server.start(`w${index}`);
  await untilNotes(sideFile, (seen) => seen.length >= 8, 30_000);
  killDatabase();
  expect(await Promise.all(servers.map((server) => server.exited))).toEqual([fatalCode, fatalCode]);
  startDatabase();
  await restarted(30_000);
  await untilNotes(sideFile, (seen) => seen.filter((note) => note.step === 'end').length === 2, 30_000);
  expect(repeated(notes(sideFile))).toEqual([]);
});
