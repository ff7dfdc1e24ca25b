import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { SupervisorHealth } from '@towpath/contract/supervisor';
import { type SupervisorClient, startSupervisor } from '@towpath/supervisor/client';
import { type Applied, digestOf } from './applied.ts';
import { ask } from './ask.ts';
import type { System } from './config-files.ts';
import { onDisk, replaceFile } from './file.ts';
import type { Layout } from './layout.ts';

const pollMs = 25;
const leaveTimeoutMs = 10_000;

/** A supervisor's health, or null when none answers. */
export async function supervisorHealth(socket: string): Promise<SupervisorHealth | null> {
  const asked = await ask(socket, '/health');
  return asked.answered && asked.status === 200 ? SupervisorHealth.parse(JSON.parse(asked.body)) : null;
}

/** Writes the parts' configuration files, those that changed. */
export function writeConfigFiles(system: System): void {
  for (const { path, config } of [...system.others, system.supervisor]) {
    const text = `${JSON.stringify(config, null, 2)}\n`;
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    onDisk(path, () => replaceFile(path, text, 0o600));
  }
}

/** What stands for each system process, by name, in the order of their start. */
export function digests(system: System): Record<string, string> {
  return Object.fromEntries(system.supervisor.config.system.map(({ name, spec }) => [name, digestOf(spec)]));
}

/** What a running supervisor must do to keep what is wanted: processes to start anew, in their order, and processes to end. */
export function plan(
  wanted: Readonly<Record<string, string>>,
  applied: Applied,
  running: SupervisorHealth,
): { readonly restart: string[]; readonly remove: string[] } {
  const phases = new Map(running.system.map(({ key, phase }) => [key.replace(/^system\//, ''), phase]));
  const isUp = (name: string): boolean => ['running', 'starting'].includes(phases.get(name) ?? '');
  return {
    restart: Object.keys(wanted).filter((name) => !isUp(name) || applied.system[name] !== wanted[name]),
    remove: [...phases.keys()].filter((name) => !(name in wanted)),
  };
}

/** Ends a system process that the configuration no longer names. */
export async function removeSystem(client: SupervisorClient, name: string): Promise<void> {
  try {
    await client.restartSystem(name);
  } catch (error) {
    if (!(error instanceof TowpathError && error.code === 'unknown_process')) throw error;
  }
}

/** Waits until a supervisor has brought all to run that its configuration names: what it is asked for in between waits its turn. */
export async function untilSettled(client: SupervisorClient): Promise<void> {
  await removeSystem(client, 'nothing');
}

/**
 * Puts a supervisor with the present code in the place of the one that runs; what it keeps goes on meanwhile. Resolves with the new one's
 * health.
 */
export async function replaceSupervisor(system: System, old: SupervisorHealth): Promise<SupervisorHealth> {
  const { socket } = system.supervisor.config;
  process.kill(old.pid, 'SIGTERM');
  await until(leaveTimeoutMs, logOf(system.supervisor.config.dataDir), async () => {
    const asked = await ask(socket, '/health');
    return !asked.answered || !asked.body.includes(old.instance);
  });
  return startSupervisor(system.supervisor.path);
}

/** Stops the whole system with replicas and stages; resolves when nothing of it is left. */
export async function shutDown(client: SupervisorClient, layout: Layout, timeoutMs: number): Promise<void> {
  await client.shutdown(true);
  // The socket goes last. One that only refuses is that of a killed supervisor, whose keeper starts it again to finish.
  await until(timeoutMs, logOf(layout.supervisorState), () => !existsSync(layout.supervisorSocket));
}

const logOf = (dataDir: string): string => join(dataDir, 'log');

async function until(timeoutMs: number, log: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) {
      throw new TowpathError('part_failed', `the supervisor still runs after ${Math.round(timeoutMs / 1000)} s`, {
        help: `It waits for something that does not end, and goes on trying; ${log} says for what.`,
      });
    }
    await pause(pollMs);
  }
}
