import { readFileSync } from 'node:fs';

/** A process as /proc shows it. */
export interface Marked {
  readonly pid: number;
  readonly command: string;
  /** What the supervisor calls it, inherited by all that it starts; null: it inherited none. */
  readonly key: string | null;
}

/** What /proc says of a living process; null when it is gone, or a zombie. */
export function processAt(pid: number): Marked | null {
  const stat = read(`/proc/${pid}/stat`);
  const [state] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || state === 'Z' || state === 'X') return null;
  const marker = /(?:^|\0)TOWPATH_PROCESS=[^:]*:([^\0]*)/.exec(read(`/proc/${pid}/environ`))?.[1] ?? null;
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return { pid, command, key: marker };
}

/** The processor time that these processes have used so far, their ended children's included. */
export function processorMs(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * msPerTick;
}

/** The kernel counts in hundredths of a second, whatever it works with inside. */
const msPerTick = 10;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Ended, or somebody else's.
  }
}
