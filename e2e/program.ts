import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that has ended. */
export interface Ended {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, parsed. Throws with all that was said when that is no JSON. */
  json(): unknown;
}

export interface Where {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Given on standard input; nothing otherwise. */
  readonly input?: string;
  /** Every line on stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A program that runs, and its end. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed on stdout so far. */
  readonly said: () => string;
}

/** Starts a program without a shell. In a process group of its own, as a terminal would, so that a signal can go to all of it. */
export function start(program: string, argv: readonly string[], where: Where): Started {
  const child = spawn(program, argv, { cwd: where.cwd, env: where.env, stdio: 'pipe', detached: true });
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr += `${line}\n`;
    where.onLine?.(line);
  });
  child.stdin.on('error', () => undefined); // Who reads nothing may end before it was given everything.
  child.stdin.end(where.input ?? '');
  child.on('error', reject);
  child.on('close', (code) => {
    const said = `${program} ${argv.join(' ')} ended with ${code}:\n${stdout}${stderr}`;
    resolve({ code, stdout, stderr, json: () => lastJson(stdout, said) });
  });
  return { child, ended: promise, said: () => stdout };
}

/** Runs a program to its end. Throws what it said when its code is not 0. */
export async function succeed(program: string, argv: readonly string[], where: Where): Promise<Ended> {
  const ended = await start(program, argv, where).ended;
  if (ended.code === 0) return ended;
  throw new Error(`${program} ${argv.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
}

function lastJson(stdout: string, said: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    throw new Error(`no JSON at the end of what was printed\n${said}`);
  }
}
