import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import type { ProcessSpec } from '@towpath/contract/supervisor';
import { hasCode } from '../durable.ts';
import type { ProcessTable } from '../machine/table.ts';
import type { Incarnation, Leader } from './incarnation.ts';

interface ShimEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A shim that lives: one's own child, or one that an earlier supervisor started. */
export interface RunningShim {
  readonly pid: number;
  readonly start: string;
  /** Resolves when it is gone or has recorded the exit; with what a child's end tells, if it was seen. */
  readonly gone: Promise<ShimEnd | null>;
  /** The pipe (fileId) to its log, as far as it was seen. */
  pipe(): string | null;
  /** Stops watching. */
  close(): void;
}

/** Its comments are for readers; the processes' list need not show them. */
const script = readFileSync(new URL('./shim.sh', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n');

/**
 * A stage's log must be whole whatever its scripts do, and a pipe can't be emptied. A replica lives for months: nothing that could be
 * killed stands between it and its log, since its next line would then end it by SIGPIPE.
 */
const logBy: Record<ProcessSpec['mode'], 'pipe' | 'file'> = { task: 'pipe', service: 'file' };

/** The argv of a shim. Effects as data: spawnShim performs it. */
export function shimArgv(spec: Pick<ProcessSpec, 'mode' | 'nice' | 'cwd' | 'argv'>): [string, ...string[]] {
  return ['/bin/sh', '-c', script, 'towpath-shim', logBy[spec.mode], String(spec.nice), spec.cwd, ...spec.argv];
}

/**
 * Starts a shim as the leader of a new session. It runs as the spec's user from its first instruction; its folder is entered
 * before that, so the folders above need not be open to that user. Throws what the kernel says (EAGAIN, EPERM, E2BIG).
 */
export async function spawnShim(
  spec: ProcessSpec,
  marker: string,
  incarnation: Incarnation,
  out: number,
  table: ProcessTable,
): Promise<RunningShim> {
  const [command, ...args] = shimArgv(spec);
  const child = spawn(command, args, {
    cwd: incarnation.path,
    env: { ...spec.env, TOWPATH_PROCESS: marker },
    detached: true,
    stdio: ['ignore', out, 'ignore'],
    ...spec.user,
  });
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw error;
  }
  // Before the event loop turns the child can't be collected: even one that ended already still shows its start.
  const start = table.startOf(child.pid) ?? '';
  const { promise, resolve, reject } = Promise.withResolvers<ShimEnd | null>();
  child.once('exit', (code, signal) => resolve({ code, signal }));
  const pipe = pipeOf({ pid: child.pid, start }, spec.mode, table);
  if (logBy[spec.mode] === 'file') return { pid: child.pid, start, gone: promise, pipe, close: () => {} };
  // As long as anybody can print it stays: what the command has left running is ended from here.
  const timer = setInterval(() => {
    try {
      pipe();
      if (incarnation.exit() !== null) resolve(null);
    } catch (error) {
      reject(error);
    }
  }, lookAtChildEveryMs);
  const close = () => clearInterval(timer);
  return { pid: child.pid, start, gone: promise.finally(close), pipe, close };
}

/** Remembers the pipe: once the shim is gone there is no telling which it was. */
function pipeOf(
  shim: Pick<Leader, 'pid' | 'start'>,
  mode: ProcessSpec['mode'],
  table: ProcessTable,
): () => string | null {
  let known: string | null = null;
  return () => {
    if (logBy[mode] === 'file' || known !== null) return known;
    const pipe = table.pipeBelow(shim.pid);
    // Afterwards, so that it was the shim that was seen: the pid of one that is gone may be somebody else's.
    if (pipe !== null && table.startOf(shim.pid) === shim.start) known = pipe;
    return known;
  };
}

/** How often it is looked whether an own child has recorded the exit, and yet stays. */
const lookAtChildEveryMs = 200;
/** How often an adopted shim is looked at: its exit file tells at once, only its violent death shows in nothing but its absence. */
const lookEveryMs = 500;
/** Every so many looks it is looked at closely: whether the pid is still the same process, and no zombie that nobody collects. */
const closeLook = 4;

/** Watches a shim that is no child of this supervisor. */
export function adoptShim(
  leader: Leader,
  incarnation: Incarnation,
  table: ProcessTable,
  mode: ProcessSpec['mode'],
): RunningShim {
  const { promise, resolve, reject } = Promise.withResolvers<null>();
  const pipe = pipeOf(leader, mode, table);
  const look = () => {
    try {
      pipe();
      if (incarnation.exit() !== null || table.startOf(leader.pid) !== leader.start) resolve(null);
    } catch (error) {
      reject(error);
    }
  };
  const watcher = watchFolder(incarnation.path, look);
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (watcher === null || looks % closeLook === 0 || !exists(leader.pid)) look();
  }, lookEveryMs);
  look();
  const close = () => {
    clearInterval(timer);
    watcher?.close();
  };
  return { pid: leader.pid, start: leader.start, gone: promise.finally(close), pipe, close };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Null when the machine has no watch to give: then the timer finds it. */
function watchFolder(path: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(path, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
