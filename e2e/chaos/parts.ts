import type { World } from '../world.ts';
import { processAt } from './marks.ts';
import { until } from './patience.ts';

/** What can be killed: the process itself, not the shim above it, which only keeps its output and its exit. */
export type Part = 'supervisor' | 'router' | 'postgres' | `server-${number}`;

/** The process that is the part now; null while it is away. */
export async function pidOf(world: World, part: Part): Promise<number | null> {
  return (await world.pids())[part] ?? null;
}

/** Does nothing without a pid, or when it has ended. */
export function kill(pid: number | null, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === null) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Resolves when the part runs as another process than this one, and does its work. */
export async function untilBack(world: World, part: Part, was: number | null): Promise<number> {
  return until(`${part} is back`, async () => {
    const pid = await pidOf(world, part);
    if (pid === null || pid === was || processAt(pid) === null) return null;
    return (await works(world, part)) ? pid : null;
  });
}

/** What users and people see of the part. */
async function works(world: World, part: Part): Promise<boolean> {
  if (part === 'supervisor') return true; // It has just told its pid.
  const { problems } = await world.client.call('health');
  return part !== 'router' || !problems.includes('the router does not answer');
}
