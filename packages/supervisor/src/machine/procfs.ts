import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { type Row, shortCommand, type TableReader } from './table.ts';

export interface Stat extends Omit<Row, 'marker'> {
  readonly zombie: boolean;
}

/** /proc/<pid>/stat: the name in parentheses may itself hold blanks and parentheses. Null when it is not such a line. */
export function parseStat(line: string): Stat | null {
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, , group, session] = fields;
  const start = fields[19];
  if (!Number.isInteger(pid) || state === undefined || start === undefined) return null;
  return { pid, group: Number(group), session: Number(session), start, zombie: state === 'Z' || state === 'X' };
}

/** The value of a variable in /proc/<pid>/environ (NUL-separated), null when it is not set. */
export function parseMarker(environ: string, name = 'TOWPATH_PROCESS'): string | null {
  const prefix = `\0${name}=`;
  const at = `\0${environ}`.indexOf(prefix);
  if (at === -1) return null;
  const from = at + prefix.length - 1;
  const to = environ.indexOf('\0', from);
  return environ.slice(from, to === -1 ? undefined : to);
}

/** A young process may still be between fork and exec, with its parent's environment: not before this age is "no marker" final. */
const settledAfterMs = 2000;

export function readProcfs(): TableReader {
  const line = Buffer.alloc(1024);
  let known = new Map<number, { start: string; marker: string | null; since: number; settled: boolean }>();

  function statOf(pid: number | string): Stat | null {
    let file: number | undefined;
    try {
      file = openSync(`/proc/${pid}/stat`, 'r');
      return parseStat(line.toString('latin1', 0, readSync(file, line, 0, line.length, 0)));
    } catch {
      return null; // it ended meanwhile
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  function markerOf(pid: number): string | null {
    try {
      return parseMarker(readFileSync(`/proc/${pid}/environ`, 'utf8'));
    } catch {
      return null; // it ended meanwhile, or belongs to somebody else
    }
  }

  function read(): Row[] {
    const seen: typeof known = new Map();
    const rows: Row[] = [];
    const now = performance.now();
    for (const name of readdirSync('/proc')) {
      if (!/^\d/.test(name)) continue;
      const stat = statOf(name);
      if (stat === null || stat.zombie) continue;
      const before = known.get(stat.pid);
      const same = before !== undefined && before.start === stat.start ? before : null;
      const since = same?.since ?? now;
      const entry =
        same !== null && (same.settled || same.marker !== null)
          ? same
          : { start: stat.start, marker: markerOf(stat.pid), since, settled: now - since > settledAfterMs };
      seen.set(stat.pid, entry);
      rows.push({ pid: stat.pid, group: stat.group, session: stat.session, start: stat.start, marker: entry.marker });
    }
    known = seen;
    return rows;
  }

  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    read,
    startOf(pid) {
      const stat = statOf(pid);
      return stat === null || stat.zombie ? null : stat.start;
    },
    commandOf(pid) {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return argv[0] ? shortCommand(argv) : readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      } catch {
        return 'unknown';
      }
    },
  };
}
