import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';

/** How a short command ended; `code` is null when a signal ended it or it could not be started (`error` says so). */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: Error | null;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly account?: { readonly uid: number; readonly gid: number } | null;
}

/** System folders first: administrators' tools are missing from some shells' PATH. */
export const plainEnv: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Runs a command that takes milliseconds, without a shell and without our environment. */
export function runShort(argv: readonly [string, ...string[]], options: RunOptions = {}): Ran {
  const [command, ...args] = argv;
  const ran = spawnSync(command, args, { ...spawnOptions(options), encoding: 'utf8' });
  return { code: ran.status, stdout: ran.stdout ?? '', stderr: ran.stderr ?? '', error: ran.error ?? null };
}

/** Runs a command that takes seconds. A kill of ours does not reach it: it must work in a place of its own. */
export function runLong(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ran> {
  const [command, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...spawnOptions(options), stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ code: null, stdout, stderr, error }));
    child.on('close', (code) => resolve({ code, stdout, stderr, error: null }));
  });
}

function spawnOptions({ cwd, env, account }: RunOptions): SpawnSyncOptions {
  return {
    cwd: cwd ?? '/',
    env: { ...plainEnv, ...env },
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  };
}
