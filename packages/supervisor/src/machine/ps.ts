import { execFileSync } from 'node:child_process';
import { type Row, shortCommand, type TableReader } from './table.ts';

/** Lines of `ps -o pid=,ppid=,pgid=,stat=,lstart=`: zombies are left out, sessions and environments are not shown everywhere. */
export function parsePs(output: string): Row[] {
  const rows: Row[] = [];
  for (const line of output.split('\n')) {
    const [, pid, parent, group, state, start] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (start === undefined || state?.startsWith('Z')) continue;
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(group) };
    rows.push({ ...numbers, start, marker: null, prints: [] });
  }
  return rows;
}

/** For machines without /proc: groups are seen, detached processes are not. */
export function readPs(): TableReader {
  const ps = (...args: string[]): string => {
    try {
      return execFileSync('ps', args, { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C' } });
    } catch {
      return ''; // ps exits with 1 when nothing matches
    }
  };
  return {
    boot: '-',
    showsMarkers: false,
    read: () => parsePs(ps('-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart=')),
    startOf: (pid) => parsePs(ps('-o', 'pid=,ppid=,pgid=,stat=,lstart=', '-p', String(pid)))[0]?.start ?? null,
    pipeBelow: () => null,
    commandOf: (pid) => shortCommand(ps('-o', 'command=', '-p', String(pid)).trim().split(' ')) || 'unknown',
  };
}
