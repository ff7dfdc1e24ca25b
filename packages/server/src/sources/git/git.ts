import { spawn } from 'node:child_process';
import { TowpathError } from '@towpath/contract';

/** The git of this machine, with an environment that nobody else's settings reach. */
export interface Git {
  readonly version: string;
  /** Where `git-http-backend` lies. */
  readonly execPath: string;
  /** The whole environment of every git process. */
  readonly env: Readonly<Record<string, string>>;
}

export interface GitOptions {
  readonly cwd?: string;
  /** Bytes of output that are kept; the rest is read and dropped. */
  readonly keepBytes?: number;
  /** Ends git when that is full. */
  readonly endWhenFull?: boolean;
  /** What it reads from its standard input; none without. */
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Takes the output piece by piece instead of keeping it. */
  readonly each?: (piece: Buffer) => void;
  /** Ends git. */
  readonly signal?: AbortSignal;
}

export interface GitOutcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: Buffer;
  /** All of the output was kept. */
  readonly whole: boolean;
  readonly error: string;
}

const leastVersion = [2, 30] as const;
const keepErrorBytes = 16_384;

/** Finds git and checks its version. Throws `git_missing`. `home` holds the only configuration that git reads. */
export async function findGit(home: string): Promise<Git> {
  const env = gitEnvironment(home, process.env);
  const answer = async (option: string) => {
    const outcome = await spawnGit(env, [option], {});
    if (outcome.code !== 0) throw new TowpathError('git_missing', `git ${option} failed: ${outcome.error.trim()}`);
    return outcome.out.toString().trim();
  };
  const [version, execPath] = await Promise.all([answer('--version'), answer('--exec-path')]);
  if (!isNewEnough(version)) {
    throw new TowpathError('git_missing', `found "${version}", but git ${leastVersion.join('.')} or newer is needed`);
  }
  return { version, execPath, env };
}

/** `git version 2.39.5 (Apple Git-154)` → true */
export function isNewEnough(version: string): boolean {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  const [leastMajor, leastMinor] = leastVersion;
  return Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor);
}

/**
 * Built up from nothing, so that no GIT_* variable, system file or person's own settings get in. The supervisor's mark is handed on: it ends
 * what a dead server left running before it starts the next one, which then finds every branch where it stays.
 */
export function gitEnvironment(home: string, own: NodeJS.ProcessEnv): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', TOWPATH_PROCESS: mark } = own;
  return {
    PATH,
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // Some bytes may claim to be gigabytes: git refuses a piece of memory that is larger than any that its own pushes need.
    GIT_ALLOC_LIMIT: '640m',
    ...(mark === undefined ? {} : { TOWPATH_PROCESS: mark }),
  };
}

/** Runs git to its end, whatever its exit code. Throws only when it can't be started, or `disk_full`. */
export async function runGit(git: Git, argv: readonly string[], options: GitOptions = {}): Promise<GitOutcome> {
  const outcome = await spawnGit(git.env, argv, options);
  if (outcome.code !== 0 && /No space left on device|Disk quota exceeded/.test(outcome.error)) {
    throw new TowpathError('disk_full', `git could not write: ${firstLine(outcome.error)}`);
  }
  return outcome;
}

/** Runs git and expects success; `what` begins the error's message. */
export async function callGit(git: Git, what: string, argv: readonly string[], options?: GitOptions): Promise<Buffer> {
  const outcome = await runGit(git, argv, options);
  if (outcome.code === 0) return outcome.out;
  const how = outcome.code === null ? 'was ended' : `exit ${outcome.code}`;
  throw new TowpathError('internal', `${what}: git ${how}: ${firstLine(outcome.error)}`);
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'it said nothing').slice(0, 500);
}

function spawnGit(env: Record<string, string>, argv: readonly string[], options: GitOptions): Promise<GitOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', argv, {
      env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const out = collect(options.keepBytes ?? 64 * 1024 * 1024);
    const error = collect(keepErrorBytes);
    const end = () => child.kill();
    options.signal?.addEventListener('abort', end);
    if (options.signal?.aborted) end();
    child.stdout?.on('data', (chunk: Buffer) => {
      if (options.each !== undefined) return options.each(chunk);
      out.take(chunk);
      if (options.endWhenFull && !out.whole()) child.kill();
    });
    child.stderr?.on('data', error.take);
    // It may have ended before it has read everything; its exit tells.
    child.stdin?.on('error', () => {}).end(options.input);
    child.on('error', (cause) => {
      reject(new TowpathError('git_missing', `git could not be started: ${cause.message}`, { cause }));
    });
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', end);
      resolve({ code, out: out.bytes(), whole: out.whole(), error: error.bytes().toString() });
    });
  });
}

function collect(limit: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  return {
    take(chunk: Buffer) {
      const part = chunk.subarray(0, limit - kept);
      chunks.push(part);
      kept += part.length;
      dropped += chunk.length - part.length;
    },
    bytes: () => Buffer.concat(chunks),
    whole: () => dropped === 0,
  };
}
