import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { SupervisorHealth } from '@towpath/contract/supervisor';
import { z } from 'zod';
import { readConfig } from './config.ts';
import { readJson, replaceFile } from './durable.ts';
import { failpoint } from './failpoints.ts';
import { listen } from './http/server.ts';
import { Keeper } from './keeper.ts';
import { holdFolder } from './lock.ts';
import { openTable } from './machine/open.ts';
import { System } from './system.ts';

/** Exit codes that keep.sh understands: all others mean "start me again". */
const leave = { done: 0, badConfig: 64, alreadyKept: 75 } as const;

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

/** node main.ts CONFIG.json: keeps the processes of one data folder until it is told to shut down. */
async function main(configPath: string): Promise<void> {
  // Everything written here is for this user alone; the shims give commands their own mask.
  process.umask(0o077);
  const config = readConfig(configPath);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  if (!holdFolder(config.dataDir)) {
    log(`another supervisor keeps ${config.dataDir}: leaving`);
    process.exit(leave.alreadyKept);
  }

  const table = openTable();
  const keeper = new Keeper(config.dataDir, table, log);
  const system = new System(configPath, keeper, log);
  const startedAt = new Date().toISOString();
  const instance = randomUUID();
  const version = readVersion();
  const intention = join(config.dataDir, 'shutdown.json');
  let shuttingDown = false;
  function refuseWhenLeaving(): void {
    if (shuttingDown) throw new TowpathError('supervisor_away', 'the supervisor is shutting down');
  }
  function health(): SupervisorHealth {
    // Whoever wants a supervisor now needs the next one.
    refuseWhenLeaving();
    return { version, pid: process.pid, instance, startedAt, system: system.states() };
  }
  async function shutDown(processes: boolean): Promise<void> {
    if (shuttingDown) return;
    shuttingDown = true;
    await system.stop();
    if (processes) {
      const others = keeper.list().filter((kept) => !kept.hasEnded);
      for (const kept of others) kept.stop();
      await Promise.all(others.map((kept) => kept.ended));
    }
    failpoint('supervisor.shutdown.after');
    rmSync(intention, { force: true });
    rmSync(config.socket, { force: true });
    process.exit(leave.done);
  }
  /** The intention is recorded first: a supervisor that dies on the way goes on with it. Another boot has nothing left to stop. */
  function requestShutdown(processes: boolean): void {
    replaceFile(intention, JSON.stringify({ processes, boot: table.boot }));
    failpoint('supervisor.shutdown.before');
    void shutDown(processes);
  }

  mkdirSync(dirname(config.socket), { recursive: true, mode: 0o700 });
  await listen(config.socket, { keeper, system, health, refuseWhenLeaving, shutdown: requestShutdown }, log);
  // Leaving keeps all processes: the next supervisor adopts them.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(leave.done));
  const unfinished = readJson(intention, Intention);
  if (unfinished !== null && unfinished.boot === table.boot) return shutDown(unfinished.processes);
  rmSync(intention, { force: true });
  await system.start(config);
  // Node writes what it compiled when a process leaves by itself, and this one is killed sooner or later: its next start is to be quick.
  flushCompileCache();
}

const Intention = z.object({ processes: z.boolean(), boot: z.string() });

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

try {
  await main(process.argv[2] ?? '');
} catch (error) {
  log(
    error instanceof Error
      ? error instanceof TowpathError
        ? error.message
        : (error.stack ?? error.message)
      : String(error),
  );
  process.exit(error instanceof TowpathError ? leave.badConfig : 1);
}
