import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../../domain/cache/kind.ts';

/** The words of Node itself: the one on the PATH may be a shim that chooses by the folder. */
const asked = `[process.version, process.platform, process.arch, process.versions.modules,
  process.report?.getReport?.().header.glibcVersionRuntime ?? 'no glibc'].join(' ')`;
const answerMs = 10_000;
const pythonSettings = ['.config/pip/pip.conf', '.pip/pip.conf', '.config/pypoetry/config.toml'];

export interface Surroundings {
  /** What every command inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What comes on top for this service: any of it may change what an install makes. */
  readonly own: Readonly<Record<string, string>>;
  /** Whose versions count. */
  readonly programs: readonly Program[];
}

const question: Readonly<Record<Program, readonly string[]>> = {
  node: ['-p', asked],
  yarn: ['--version'],
  bun: ['--version'],
  // With where it is: a virtual environment links to it.
  python3: ['-c', 'import sys, sysconfig; print(sys.version, sys.base_prefix, sysconfig.get_platform())'],
};

/**
 * Which toolchain the commands of this folder meet: `v22.1.0 linux x64 127 2.36`, other programs' versions, and what of the environment and
 * of the user's own settings changes an install. Null when one of them is not there: then there is nothing to keep either.
 */
export async function toolchainOf(folder: string, { env: base, own, programs }: Surroundings): Promise<string | null> {
  const run = promisify(execFile);
  const env = { ...base, ...own };
  const told: string[] = [];
  for (const program of programs) {
    // Others than Node are not asked in the folder: the commit could name a program of its own there, and this is no stage.
    const cwd = program === 'node' ? folder : '/';
    const said = await run(program, question[program], { cwd, env, timeout: answerMs }).catch(() => null);
    if (said === null) return null;
    told.push(said.stdout.trim());
  }
  const changing = Object.entries(base).filter(([name]) => /^(?:npm_config_|NODE_|PIP_|PYTHON)/i.test(name));
  const home = env.HOME ?? '/';
  const files = [env.npm_config_userconfig ?? join(home, '.npmrc'), ...pythonSettings.map((path) => join(home, path))];
  const text = (await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')))).join('\0');
  // It holds tokens: only its digest goes further.
  const settings = createHash('sha256').update(text).digest('hex');
  // The PATH has told what it leads to.
  const given = Object.entries(own).filter(([name]) => name !== 'PATH');
  return JSON.stringify([told, changing.sort(), given.sort(), settings]);
}
