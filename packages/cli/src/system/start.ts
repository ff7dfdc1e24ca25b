import type { SupervisorHealth } from '@towpath/contract/supervisor';
import { SupervisorClient, startSupervisor } from '@towpath/supervisor/client';
import { type Applied, readApplied, writeApplied } from './applied.ts';
import type { System } from './config-files.ts';
import { type Check, untilWell } from './health.ts';
import type { Layout } from './layout.ts';
import { fingerprint, type Parts } from './parts.ts';
import { announced, type Progress } from './progress.ts';
import {
  digests,
  plan,
  removeSystem,
  replaceSupervisor,
  supervisorHealth,
  untilSettled,
  writeConfigFiles,
} from './supervision.ts';

/** A part that keeps dying is noticed long before; this is for a slow machine. */
const wellTimeoutMs = 120_000;

/**
 * Starts what does not run, replaces what runs with other code or another configuration, and waits until all of it is well. Returns the names
 * of the parts that began during this call. Servers are replaced one after another, so that one always answers where there are several.
 */
export async function startSystem(
  layout: Layout,
  system: System,
  checks: ReadonlyMap<string, Check>,
  { parts, progress }: { readonly parts: Parts; readonly progress: Progress },
): Promise<string[]> {
  const began = Date.now();
  writeConfigFiles(system);
  const wanted: Applied = { supervisor: fingerprint(parts.supervisor), system: digests(system) };
  const earlier = readApplied(layout.applied);
  const before = await supervisorHealth(layout.supervisorSocket);
  const health = await announced(
    progress,
    'Starting the supervisor',
    () => ensureSupervisor(system, before, earlier, wanted),
    (after) => (after.instance === before?.instance ? null : 'supervisor runs'),
  );
  const isSame = health.instance === before?.instance;
  const client = new SupervisorClient(layout.supervisorSocket);
  const well = (name: string, check: Check): Promise<void> =>
    untilWell(client, layout, { name, check, timeoutMs: wellTimeoutMs });
  try {
    const steps = isSame && earlier !== null ? plan(wanted.system, earlier, health) : { restart: [], remove: [] };
    for (const name of steps.remove) await removeSystem(client, name);
    // A supervisor that has just begun brings all of it to run by itself; what answers meanwhile may be what it is about to replace.
    const settled = isSame ? Promise.resolve() : untilSettled(client);
    settled.catch(() => undefined); // A part that does not get well is the better news, and comes first.
    for (const [name, check] of checks) {
      await announced(
        progress,
        `Starting ${name}`,
        async () => {
          if (steps.restart.includes(name)) await client.restartSystem(name);
          await well(name, check);
          return (await beginOf(client, name)) >= began;
        },
        (isNew) => (isNew ? `${name} runs` : null),
      );
    }
    await settled;
    const started = isSame ? [] : ['supervisor'];
    for (const [name, check] of checks) {
      await well(name, check);
      if ((await beginOf(client, name)) >= began) started.push(name);
    }
    if (JSON.stringify(earlier) !== JSON.stringify(wanted)) writeApplied(layout.applied, wanted);
    return started;
  } finally {
    client.close();
  }
}

/** When the process that runs now began, in ms since 1970; 0 when none does. */
async function beginOf(client: SupervisorClient, name: string): Promise<number> {
  return Date.parse((await client.get(`system/${name}`)).startedAt ?? '') || 0;
}

function ensureSupervisor(
  system: System,
  before: SupervisorHealth | null,
  earlier: Applied | null,
  wanted: Applied,
): Promise<SupervisorHealth> {
  if (before === null) return startSupervisor(system.supervisor.path);
  return earlier?.supervisor === wanted.supervisor ? Promise.resolve(before) : replaceSupervisor(system, before);
}
