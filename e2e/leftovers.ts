import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes that belong to what lives below a folder: its path is in their arguments, is where they work, or is in the environment that
 * they inherited. So replicas and what stages left behind are found too. Not this process itself.
 */
export function processesOf(folder: string): Leftover[] {
  const sign = `${folder}/`;
  const belongs = (pid: string): boolean =>
    place(pid).startsWith(sign) || ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(sign));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && pidRuns(Number(name)) && belongs(name))
    .map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }))
    .sort((a, b) => Number(b.command.includes('keep.sh')) - Number(a.command.includes('keep.sh')));
}

/** SIGKILL for all of them, the keeper of the supervisor first, until nothing is left. Synchronous: it also runs at the end of a process. */
export function killAll(folder: string): Leftover[] {
  const killed: Leftover[] = [];
  for (let left = processesOf(folder); left.length > 0; left = processesOf(folder)) {
    killed.push(...left);
    for (const { pid } of left) kill(pid);
  }
  return killed;
}

/** The process that a shim of the supervisor has started; the shim itself when there is none (any more). */
export function programOf(shim: number): number {
  const parentOf = (pid: string): string | undefined => /^PPid:\t(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
  const child = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === `${shim}`);
  return child === undefined ? shim : Number(child);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** A zombie, which init has not taken note of yet, does not run. */
export function pidRuns(pid: number): boolean {
  return /^State:\t[^Z]/m.test(read(`/proc/${pid}/status`));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Somebody else's, or ended.
  }
}

function place(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
