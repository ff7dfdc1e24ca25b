import { closeSync, openSync, readdirSync, readFileSync, readSync, type Stats, statSync } from 'node:fs';
import { fileId, hasCode, idOf } from '../durable.ts';
import { type Row, shortCommand, type TableReader } from './table.ts';

export interface Stat extends Omit<Row, 'marker' | 'prints'> {
  readonly zombie: boolean;
}

/** /proc/<pid>/stat: the name in parentheses may itself hold blanks and parentheses. Null when it is not such a line. */
export function parseStat(line: string): Stat | null {
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const start = fields[19];
  if (!Number.isInteger(pid) || state === undefined || start === undefined) return null;
  const zombie = state === 'Z' || state === 'X';
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), start, zombie };
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

/** A young process may be between fork and exec, with its parent's environment, and may change its session: it is read each time. */
const settledAfterMs = 2_000;
/** So long a settled process need not be read again: the kernel gives out pids in turn, and takes longer to come round. */
const trustedForMs = 1_000;
/** A process that forks and dies between the listing and the reading would hide its child: then the listing is repeated. */
const mostListings = 5;

interface Known {
  readonly row: Row;
  /** First seen, and last read (ms). */
  readonly since: number;
  readonly readAt: number;
}

/** A process may end at any moment; other failures (no file left to open) must not pass for its end. */
function unlessGone(error: unknown, ...alsoFine: string[]): null {
  if (hasCode(error, 'ENOENT', 'ESRCH', ...alsoFine)) return null;
  throw error;
}

export function readProcfs(): TableReader {
  const line = Buffer.alloc(1024);
  let known = new Map<number, Known>();

  function statOf(pid: number | string): Stat | null {
    let file: number | undefined;
    try {
      file = openSync(`/proc/${pid}/stat`, 'r');
      return parseStat(line.toString('latin1', 0, readSync(file, line, 0, line.length, 0)));
    } catch (error) {
      return unlessGone(error);
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  function markerOf(pid: number): string | null {
    try {
      return parseMarker(readFileSync(`/proc/${pid}/environ`, 'utf8'));
    } catch (error) {
      return unlessGone(error, 'EACCES', 'EPERM'); // somebody else's
    }
  }

  function printsOf(pid: number): string[] {
    try {
      const files = ['1', '2'].map((number) => fileId(`/proc/${pid}/fd/${number}`));
      return files.filter((file) => file !== null);
    } catch (error) {
      unlessGone(error, 'EACCES', 'EPERM');
      return [];
    }
  }

  function childrenOf(pid: number): string[] {
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
    } catch (error) {
      return unlessGone(error) ?? [];
    }
  }

  function statOrNull(path: string): Stats | null {
    try {
      return statSync(path);
    } catch (error) {
      return unlessGone(error, 'EACCES', 'EPERM');
    }
  }

  function readOne(pid: number, now: number): Known | null {
    const before = known.get(pid);
    if (before !== undefined && before.readAt - before.since > settledAfterMs && now - before.readAt < trustedForMs) {
      return before;
    }
    const stat = statOf(pid);
    if (stat === null || stat.zombie) return null;
    const { parent, group, session, start } = stat;
    const same = before?.row.start === start ? before : null;
    const settled = same !== null && same.readAt - same.since > settledAfterMs;
    const marker = settled || same?.row.marker != null ? same.row.marker : markerOf(pid);
    const prints = marker !== null ? [] : settled ? same.row.prints : printsOf(pid);
    return { row: { pid, parent, group, session, start, marker, prints }, since: same?.since ?? now, readAt: now };
  }

  function read(): Row[] {
    const seen = new Map<number, Known | null>();
    const now = performance.now();
    let before = -1;
    for (let listing = 0; listing < mostListings && seen.size > before; listing += 1) {
      before = seen.size;
      for (const name of readdirSync('/proc')) {
        const pid = Number(name);
        if (pid > 0 && !seen.has(pid)) seen.set(pid, readOne(pid, now));
      }
    }
    const living = [...seen.values()].filter((entry) => entry !== null);
    known = new Map(living.map((entry) => [entry.row.pid, entry]));
    return living.map(({ row }) => row);
  }

  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    showsMarkers: true,
    read,
    startOf(pid) {
      const stat = statOf(pid);
      return stat === null || stat.zombie ? null : stat.start;
    },
    pipeBelow(pid) {
      const ends = childrenOf(pid).flatMap((child) => [`/proc/${child}/fd/0`, `/proc/${child}/fd/1`]);
      return idOf(ends.map(statOrNull).find((stat) => stat?.isFIFO()) ?? undefined);
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
