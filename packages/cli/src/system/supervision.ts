import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { SupervisorHealth } from '@towpath/contract/supervisor';
import { type SupervisorClient, startSupervisor } from '@towpath/supervisor/client';
import { type Applied, digestOf } from './applied.ts';
import { ask } from './ask.ts';
import type { System } from './config-files.ts';
import { onDisk, replaceFile } from './file.ts';

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
  process.kill(old.pid, 'SIGTERM');
  await untilAway(system.supervisor.config.socket, old.instance, leaveTimeoutMs);
  return startSupervisor(system.supervisor.path);
}

/** Waits until that instance of the supervisor does not answer any more. */
export async function untilAway(socket: string, instance: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const asked = await ask(socket, '/health');
    if (!asked.answered || !asked.body.includes(instance)) return;
    if (performance.now() > deadline) {
      throw new TowpathError('part_failed', `the supervisor still runs after ${Math.round(timeoutMs / 1000)} s`, {
        help: 'Something that it stops does not end. Try again; what is left is ended by force.',
      });
    }
    await pause(pollMs);
  }
}
