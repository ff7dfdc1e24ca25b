import { existsSync, readFileSync } from 'node:fs';
import { TowpathError } from '@towpath/contract';
import { SupervisorClient, startSupervisor } from '@towpath/supervisor/client';
import { z } from 'zod';
import { forgetApplied, readApplied, writeApplied } from './applied.ts';
import { replaceFile } from './file.ts';
import { findInstallation } from './folder.ts';
import type { Layout, User } from './layout.ts';
import { withLock } from './lock.ts';
import { announced, type Progress } from './progress.ts';
import { removeSystem, shutDown, supervisorHealth } from './supervision.ts';

const lockTimeoutMs = 120_000;
/** Longer than anything that is stopped may take: a replica drains for half a minute, PostgreSQL writes its checkpoint for a minute. */
const stopTimeoutMs = 180_000;

export interface DownRequest {
  readonly data: string;
  readonly user: User;
  /** Leave the router and the replicas running, so that users' requests are still answered. */
  readonly keepServices: boolean;
  readonly progress: Progress;
}

export interface Stopped {
  readonly data: string;
  /** False when nothing of it ran. */
  readonly stopped: boolean;
  readonly kept: readonly string[];
}

/** Stops an installation; its data stays. Errors: `not_found` when there is none, `part_failed` when something does not end. */
export async function bringDown(request: DownRequest): Promise<Stopped> {
  const layout = findInstallation(request.data, request.user);
  if (layout === null) {
    throw new TowpathError('not_found', `there is no Towpath in ${request.data}`, {
      help: 'Name its data folder: towpath down --data <folder>',
    });
  }
  return withLock(layout.lock, lockTimeoutMs, async () => {
    const running = await supervisorHealth(layout.supervisorSocket);
    // A shutdown that came to its end took the socket with it; an `up` that was killed may have noted nothing yet.
    const began = existsSync(layout.supervisorSocket) || readApplied(layout.applied) !== null;
    if (running === null && !began) {
      return { data: layout.data, stopped: false, kept: [] };
    }
    // Killed together with its keeper, it may have left processes: only a supervisor finds them again.
    if (running === null) await startSupervisor(layout.supervisorConfig);
    const client = new SupervisorClient(layout.supervisorSocket);
    try {
      if (request.keepServices) return await stopControlPlane(layout, client, request.progress);
      await announced(
        request.progress,
        'Stopping',
        () => shutDown(client, layout, stopTimeoutMs),
        () => null,
      );
    } finally {
      client.close();
    }
    forgetApplied(layout.applied);
    return { data: layout.data, stopped: true, kept: [] };
  });
}

const Names = z.looseObject({ system: z.array(z.looseObject({ name: z.string() })) });

/** Ends everything of the system but the router, in the order of its shutdown. The supervisor stays: it keeps the replicas running. */
async function stopControlPlane(layout: Layout, client: SupervisorClient, progress: Progress): Promise<Stopped> {
  const config = Names.parse(JSON.parse(readFileSync(layout.supervisorConfig, 'utf8')));
  const kept = config.system.filter(({ name }) => name === 'router');
  const ended = config.system.map(({ name }) => name).filter((name) => name !== 'router');
  replaceFile(layout.supervisorConfig, `${JSON.stringify({ ...config, system: kept }, null, 2)}\n`, 0o600);
  for (const name of ended.reverse()) {
    await announced(
      progress,
      `Stopping ${name}`,
      () => removeSystem(client, name),
      () => null,
    );
  }
  const applied = readApplied(layout.applied);
  if (applied !== null) {
    const system = Object.fromEntries(Object.entries(applied.system).filter(([name]) => name === 'router'));
    writeApplied(layout.applied, { ...applied, system });
  }
  return { data: layout.data, stopped: ended.length > 0, kept: ['supervisor', 'router'] };
}
