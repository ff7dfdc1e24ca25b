import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Exit } from '@towpath/contract/supervisor';
import { hasCode, readSmall } from '../durable.ts';

/** The process that took the folder: the shim, leader of the command's session and group. */
export interface Leader {
  readonly boot: string;
  readonly pid: number;
  readonly start: string;
}

/**
 * Who took this incarnation's folder. free: nobody. half: somebody who has not written its name yet, and so has not run anything yet.
 * nobody: the supervisor, so that a late shim can't.
 */
export type Taken = { readonly by: 'free' | 'half' | 'nobody' } | { readonly by: 'shim'; readonly leader: Leader };

export function parseTaken(content: string | null): Taken {
  if (content === null) return { by: 'free' };
  if (content === 'nobody\n') return { by: 'nobody' };
  const [, boot, pid, start] = /^(\S+) (\d+)\n(.*?)\s*\n$/.exec(content) ?? [];
  if (boot === undefined || start === undefined) return { by: 'half' };
  return { by: 'shim', leader: { boot, pid: Number(pid), start } };
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** A shell's exit status: over 128 it stands for a signal, where there is one of that number. Null while it is not complete. */
export function parseExit(content: string | null): Exit | null {
  const [, digits] = /^(\d{1,3})\n$/.exec(content ?? '') ?? [];
  if (digits === undefined) return null;
  const status = Number(digits);
  const signal = signalNames.get(status - 128);
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

/** One life of a process: the folder in which its shim notes its start and the command's exit. It may belong to another user. */
export class Incarnation {
  readonly number: number;
  readonly path: string;

  constructor(processFolder: string, number: number) {
    this.number = number;
    this.path = join(processFolder, String(number));
  }

  get exitPath(): string {
    return join(this.path, 'exit');
  }

  taken(): Taken {
    return parseTaken(readSmall(join(this.path, 'taken')));
  }

  exit(): Exit | null {
    return parseExit(readSmall(this.exitPath));
  }

  startedAt(): Date | null {
    return changedAt(join(this.path, 'taken'));
  }

  endedAt(): Date | null {
    return changedAt(this.exitPath);
  }

  /** Takes the folder so that no shim can any more. False when a shim was faster. */
  takeForNobody(): boolean {
    let file: number;
    try {
      file = openSync(join(this.path, 'taken'), 'wx', 0o600);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return this.taken().by === 'nobody';
      throw error;
    }
    writeSync(file, 'nobody\n');
    closeSync(file);
    return true;
  }

  /** Gives the folder free again after a shim that died before it had written its name. */
  release(): void {
    rmSync(join(this.path, 'taken'), { force: true });
  }
}

function changedAt(path: string): Date | null {
  return statSync(path, { throwIfNoEntry: false })?.mtime ?? null;
}
