import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FixtureOptions } from './server.ts';

const program = fileURLToPath(new URL('./server.ts', import.meta.url));

/** One process of server.ts. */
export interface FixtureServer {
  readonly executorId: string;
  /** Asks it to start a workflow; that it has begun is seen in the side file. */
  start(id: string): void;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
}

/** Servers of one test: `stop` ends those that still run, frozen ones too. */
export class Fleet {
  readonly #options: FixtureOptions;
  readonly #children = new Set<ChildProcess>();
  #errors = '';

  constructor(options: FixtureOptions) {
    this.#options = options;
  }

  /** Resolves when the server is ready; rejects with what it printed when it ends before. */
  async server(env: Readonly<Record<string, string>> = {}): Promise<FixtureServer> {
    const child = spawn(process.execPath, [program, JSON.stringify(this.#options)], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    // Writes to a server that is dead already.
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += `${child.pid}: ${text}`;
    });
    const exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      this.#children.delete(child);
      return code ?? signal ?? 'unknown';
    });
    const ready = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
    const first = await Promise.race([ready, exited.then((how) => new Error(`it ended with ${how}: ${this.#errors}`))]);
    if (first instanceof Error) throw first;
    return {
      executorId: first.replace('ready ', ''),
      start: (id) => void child.stdin.write(`${id}\n`),
      signal: (name) => void child.kill(name),
      exited,
    };
  }

  /** All that the servers have printed to stderr: why they took over, why they ended. */
  get errors(): string {
    return this.#errors;
  }

  async stop(): Promise<void> {
    const children = [...this.#children];
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }
}

/** One line of the side file. `step` is a number, `end` or `defect`. */
export interface Note {
  readonly id: string;
  readonly step: string;
  readonly value: string;
  readonly executorId: string;
}

export function notes(sideFile: string): Note[] {
  if (!existsSync(sideFile)) return [];
  const lines = readFileSync(sideFile, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [id = '', step = '', value = '', executorId = ''] = line.split(' ');
    return { id, step, value, executorId };
  });
}

/** Looks every 10 ms until the side file is as wanted; rejects after the time with what it holds. */
export async function untilNotes(sideFile: string, wanted: (seen: Note[]) => boolean, withinMs: number): Promise<void> {
  for (const giveUpAt = performance.now() + withinMs; !wanted(notes(sideFile)); await sleep(10)) {
    if (performance.now() > giveUpAt) {
      throw new Error(`not within ${withinMs} ms; the last notes: ${JSON.stringify(notes(sideFile).slice(-20))}`);
    }
  }
}

/**
 * Steps that were done again though their result was recorded: the result that the workflow ended with must be that of the step's
 * last attempt. Empty when all is well.
 */
export function repeated(seen: readonly Note[]): string[] {
  const last = new Map<string, string>();
  for (const note of seen) last.set(`${note.id} ${note.step}`, note.value);
  return seen
    .filter((note) => note.step === 'end')
    .flatMap((end) => end.value.split(',').map((token, step) => ({ key: `${end.id} ${step}`, token })))
    .filter(({ key, token }) => last.get(key) !== token)
    .map(({ key }) => key);
}

/** How often each step of each workflow was begun. */
export function attempts(seen: readonly Note[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, step } of seen) {
    if (/^\d+$/.test(step)) counts.set(`${id} ${step}`, (counts.get(`${id} ${step}`) ?? 0) + 1);
  }
  return counts;
}
