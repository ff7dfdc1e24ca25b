import { execFileSync } from 'node:child_process';
import { type Row, shortCommand, type TableReader } from './table.ts';

/** Lines of `ps -o pid=,pgid=,stat=,lstart=`: zombies are left out, sessions and environments are not shown everywhere. */
export function parsePs(output: string): Row[] {
  const rows: Row[] = [];
  for (const line of output.split('\n')) {
    const [, pid, group, state, start] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (start === undefined || state?.startsWith('Z')) continue;
    rows.push({ pid: Number(pid), group: Number(group), session: Number(group), start, marker: null, prints: [] });
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
    read: () => parsePs(ps('-A', '-o', 'pid=,pgid=,stat=,lstart=')),
    startOf: (pid) => parsePs(ps('-o', 'pid=,pgid=,stat=,lstart=', '-p', String(pid)))[0]?.start ?? null,
    commandOf: (pid) => shortCommand(ps('-o', 'command=', '-p', String(pid)).trim().split(' ')) || 'unknown',
  };
}
