import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, ProcessSpec } from '@towpath/contract/supervisor';
import { failpoint } from '../failpoints.ts';
import { whyPortTaken } from '../machine/ports.ts';
import type { ProcessTable } from '../machine/table.ts';
import { endGroup, type Group, livingMembers } from './ending.ts';
import type { ProcessFolder, Stopping } from './folder.ts';
import type { Incarnation, Leader } from './incarnation.ts';
import { adoptShim, type RunningShim, spawnShim } from './shim.ts';
import { alarm, unlessAborted } from './timers.ts';

/** How one life ended. ran false: the command was not started, for this reason, and may be tried again without harm. */
export type LifeEnd =
  | { readonly ran: true; readonly exit: Exit | null; readonly reason: string | null; readonly livedMs: number }
  | { readonly ran: false; readonly reason: string };

/** What a life needs to know, and whom it tells. */
export interface Living {
  readonly table: ProcessTable;
  readonly folder: ProcessFolder;
  readonly incarnation: Incarnation;
  readonly marker: string;
  readonly spec: Omit<ProcessSpec, 'env'>;
  /** With the environment; null when it can no longer be read. */
  wholeSpec(): ProcessSpec | null;
  /** Aborted once the intention to stop is recorded. */
  readonly stop: AbortSignal;
  stopping(): Stopping | null;
  onRunning(pid: number, startedAt: Date): void;
  onTimeout(): void;
  onReason(reason: string): void;
}

/** The shim's exit code when it could not note its start (shim.sh). */
const couldNotWrite = 74;

/** How long what a command leaves behind gets between SIGTERM and SIGKILL, at the most. */
const mostLeftoverGraceMs = 2_000;

/**
 * Lives one incarnation to its end, from wherever its folder says that it stands: starts it, or finds it running, or finds it dead.
 * Resolves when nothing of it is left. Never starts the command twice: the folder is taken once.
 */
export async function live(living: Living): Promise<LifeEnd> {
  const { incarnation, stop } = living;
  for (;;) {
    const taken = incarnation.taken();
    if (taken.by === 'shim') return goOn(living, taken.leader);
    if (taken.by === 'nobody') return { ran: false, reason: 'stopped while it was not running' };
    if (taken.by === 'half') {
      await settleHalf(living);
    } else if (stop.aborted) {
      incarnation.takeForNobody();
    } else {
      const end = await begin(living);
      if (end !== null) return end;
    }
  }
}

/** Starts a shim and sees it through. Null: another shim was faster, or a stop came in between: the folder says how it stands. */
async function begin(living: Living): Promise<LifeEnd | null> {
  const { table, folder, incarnation, marker, spec, stop } = living;
  const portTaken = spec.port === undefined ? null : await whyPortTaken(spec.port, table);
  if (portTaken !== null) return { ran: false, reason: portTaken };
  const whole = living.wholeSpec();
  if (whole === null) return { ran: false, reason: 'its spec.json can no longer be read' };
  const out = folder.openOut();
  let shim: RunningShim;
  try {
    shim = await spawnShim(whole, marker, incarnation, out, table);
  } catch (error) {
    return { ran: false, reason: `cannot be started: ${error instanceof Error ? error.message : error}` };
  } finally {
    closeSync(out);
  }
  failpoint('supervisor.spawn.after');
  living.onRunning(shim.pid, new Date());
  await untilOver(living, shim);
  if (stop.aborted) {
    await endAsAsked(living, shim);
    return null;
  }
  const end = await shim.gone;
  const taken = incarnation.taken();
  if (taken.by === 'shim') {
    // Another supervisor's shim may have won: then this one's end says nothing about the command.
    if (taken.leader.pid !== shim.pid || taken.leader.start !== shim.start) return null;
    await endLeftovers(living, groupOf(living, shim));
    return conclude(
      living,
      `its shim ended with ${end?.signal ?? `code ${end?.code}`} before it could record how the command ended`,
    );
  }
  if (end?.code === couldNotWrite) {
    incarnation.release();
    return { ran: false, reason: 'cannot be started: its folder cannot be written to (is the disk full?)' };
  }
  if (taken.by !== 'free') return null;
  const how = end?.signal ?? `code ${end?.code}`;
  return { ran: false, reason: `cannot be started: its shim ended with ${how} before the command` };
}

/** The folder is taken by a shim that runs, or did. */
async function goOn(living: Living, leader: Leader): Promise<LifeEnd> {
  const { table, incarnation, spec, stop } = living;
  if (!(await isAlive(living, leader))) {
    await endLeftovers(living, groupOf(living, null));
    const restarted = leader.boot !== table.boot;
    return conclude(living, restarted ? 'the machine was restarted while it ran' : 'its shim was killed unseen');
  }
  const shim = adoptShim(leader, incarnation, table, spec.mode);
  living.onRunning(leader.pid, incarnation.startedAt() ?? new Date());
  await untilOver(living, shim);
  if (stop.aborted) await endAsAsked(living, shim);
  else await endLeftovers(living, groupOf(living, shim));
  return conclude(living, 'its shim was killed before it could record how the command ended');
}

/** What the folder says of the end; `lost` when it says nothing. */
function conclude({ incarnation, stop }: Living, lost: string): LifeEnd {
  const exit = incarnation.exit();
  const startedAt = incarnation.startedAt() ?? new Date();
  const livedMs = (incarnation.endedAt() ?? new Date()).getTime() - startedAt.getTime();
  if (exit !== null) return { ran: true, exit, reason: describeExit(exit), livedMs };
  return { ran: true, exit, reason: stop.aborted ? 'ended by SIGKILL' : `its exit is not known: ${lost}`, livedMs };
}

/** In plain words; null for the good end. */
export function describeExit(exit: Exit): string | null {
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === 0 ? null : `exited with code ${exit.code}`;
}

/** The same pid, start, boot and marker: pids are used again, start times count from the boot. */
async function isAlive({ table, marker }: Living, leader: Leader): Promise<boolean> {
  if (leader.boot !== table.boot) return false;
  const row = (await table.look()).find(({ pid }) => pid === leader.pid);
  if (row === undefined || row.start !== leader.start || table.startOf(leader.pid) !== leader.start) return false;
  // The note of its pid lies in a folder of its user, who could name anybody there.
  return row.marker === marker || !table.showsMarkers;
}

/** Waits for the end, or for the intention to stop, which the command's own time limit may bring. */
async function untilOver(living: Living, shim: RunningShim): Promise<void> {
  const { timeoutMs } = living.spec;
  const startedAt = living.incarnation.startedAt()?.getTime() ?? Date.now();
  const callOff = timeoutMs === undefined ? () => {} : alarm(startedAt + timeoutMs, () => living.onTimeout());
  try {
    await unlessAborted(shim.gone, living.stop);
  } finally {
    callOff();
    shim.close();
  }
}

function groupOf({ marker, folder }: Living, shim: RunningShim | null): Group {
  if (shim === null) return { leader: null, marker, out: folder.outId(), pipe: null };
  return { leader: { pid: shim.pid, start: shim.start }, marker, out: folder.outId(), pipe: shim.pipe() };
}

async function endAsAsked(living: Living, shim: RunningShim): Promise<void> {
  await endGroup(living.table, groupOf(living, shim), {
    signal: living.spec.stopSignal,
    killAt: () => killAt(living.stopping(), living.spec.graceMs),
    onSignalled: () => failpoint('supervisor.signal.after'),
    onStuck: (reason) => living.onReason(reason),
  });
}

function killAt(stopping: Stopping | null, graceMs: number): number {
  return stopping === null ? Date.now() + graceMs : stopping.at + stopping.graceMs;
}

/** The command has ended by itself: whatever it left running is ended too. A stop in the meantime may shorten the grace. */
async function endLeftovers(living: Living, group: Group): Promise<void> {
  failpoint('supervisor.gone.before');
  const since = Date.now();
  const grace = Math.min(living.spec.graceMs, mostLeftoverGraceMs);
  await endGroup(living.table, group, {
    signal: 'SIGTERM',
    killAt: () => Math.min(since + grace, killAt(living.stopping(), grace)),
    onSignalled: () => living.onReason('the command has ended; what it left running is being ended'),
    onStuck: (reason) => living.onReason(reason),
  });
}

/** Somebody took the folder without having said who: waits while it lives; when it is dead, it has not run anything. */
async function settleHalf({ table, incarnation, marker }: Living): Promise<void> {
  for (;;) {
    const members = await livingMembers(table, { leader: null, marker, out: null, pipe: null });
    if (incarnation.taken().by !== 'half') return;
    if (members.length === 0) return incarnation.release();
    await delay(20);
  }
}
