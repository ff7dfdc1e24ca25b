import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { createFile, errorCode, onDisk } from './file.ts';

const pollMs = 50;

/**
 * Runs an action while no other `up` or `down` works on the same installation; waits up to `timeoutMs` for one that does, then `busy`.
 * The lock of a command that was killed is taken over: it names the process and when that started.
 */
export async function withLock<T>(path: string, timeoutMs: number, action: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}\n`;
  const deadline = performance.now() + timeoutMs;
  while (!onDisk(path, () => createFile(path, mine, 0o600))) {
    const holder = read(path);
    if (holder === null || (isStale(holder) && takeAway(path, holder))) continue;
    if (performance.now() > deadline) {
      throw new TowpathError('busy', `another towpath command is at work there: process ${holder.split(' ')[0]}`);
    }
    await pause(pollMs);
  }
  try {
    return await action();
  } finally {
    if (read(path) === mine) rmSync(path, { force: true });
  }
}

function isStale(holder: string): boolean {
  const [pid = '', started = ''] = holder.trim().split(' ');
  return started === '' ? !isAlive(Number(pid)) : startOf(Number(pid)) !== started;
}

/** Moves a stale lock aside; if it was somebody's fresh one, between our two looks, it goes back. */
function takeAway(path: string, stale: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
  const wasStale = read(aside) === stale;
  if (!wasStale && read(path) === null) linkSync(aside, path);
  rmSync(aside, { force: true });
  return wasStale;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** When a process started, in the kernel's ticks since boot; null where there is no such process (a zombie is none) or no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may hold spaces and brackets; what follows the last bracket does not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
