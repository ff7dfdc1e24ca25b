import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The words of Node itself: the one on the PATH may be a shim that chooses by the folder. */
const asked = `[process.version, process.platform, process.arch, process.versions.modules,
  process.report?.getReport?.().header.glibcVersionRuntime ?? 'no glibc'].join(' ')`;
const answerMs = 10_000;

export interface Surroundings {
  /** What every command inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What comes on top for this service: any of it may change what an install makes. */
  readonly own: Readonly<Record<string, string>>;
  /** Whose version counts beside Node's; null: none. */
  readonly program: string | null;
}

/**
 * Which toolchain the commands of this folder meet: `v22.1.0 linux x64 127 2.36`, the program's version, and what of the environment and
 * of the user's own npm settings changes an install. Null when one of them is not there: then there is nothing to keep either.
 */
export async function toolchainOf(folder: string, { env: base, own, program }: Surroundings): Promise<string | null> {
  const run = promisify(execFile);
  const env = { ...base, ...own };
  const ask = async (name: string, argv: readonly string[], cwd: string) =>
    run(name, argv, { cwd, env, timeout: answerMs }).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    );
  const node = await ask('node', ['-p', asked], folder);
  // Not asked in the folder: the commit could name a program of its own there, and this is no stage.
  const version = program === null ? '' : await ask(program, ['--version'], '/');
  if (node === null || version === null) return null;
  const changing = Object.entries(base).filter(([name]) => /^(?:npm_config_|NODE_)/i.test(name));
  const userConfig = env.npm_config_userconfig ?? (env.HOME === undefined ? null : join(env.HOME, '.npmrc'));
  const text = userConfig === null ? '' : await readFile(userConfig, 'utf8').catch(() => '');
  // It holds tokens: only its digest goes further.
  const settings = createHash('sha256').update(text).digest('hex');
  // The PATH has told what it leads to.
  const given = Object.entries(own).filter(([name]) => name !== 'PATH');
  return JSON.stringify([node, version, changing.sort(), given.sort(), settings]);
}
