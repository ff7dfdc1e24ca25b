import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../../domain/cache/kind.ts';
import { firstOn, packageOf, pathOf } from '../../on-path.ts';

/** The words of Node itself: the one on the PATH may be a shim that chooses by the folder. */
const asked = `[process.version, process.platform, process.arch, process.versions.modules,
  process.report?.getReport?.().header.glibcVersionRuntime ?? 'no glibc'].join(' ')`;
const answerMs = 10_000;
const pythonSettings = ['.config/pip/pip.conf', '.pip/pip.conf', '.config/pypoetry/config.toml'];
/** Of 10, and of 11. */
const pnpmSettings = ['rc', 'config.yaml'];

export interface Surroundings {
  /** What every command inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What comes on top for this service: any of it may change what an install makes. */
  readonly own: Readonly<Record<string, string>>;
  /** Whose versions count. */
  readonly programs: readonly Program[];
}

/** Whose version alone counts. */
const version = ['--version'];
const question: Readonly<Record<Program, readonly string[]>> = {
  node: ['-p', asked],
  yarn: version,
  bun: version,
  pnpm: version,
  // With where it is: a virtual environment links to it.
  python3: ['-c', 'import sys, sysconfig; print(sys.version, sys.base_prefix, sysconfig.get_platform())'],
};

/**
 * Which toolchain the commands of this folder meet: `v22.1.0 linux x64 127 2.36`, other programs' versions, and what of the environment and
 * of the user's own settings changes an install. Null when one of them is not there: then there is nothing to keep either.
 */
export async function toolchainOf(folder: string, { env: base, own, programs }: Surroundings): Promise<string | null> {
  const env = { ...base, ...own };
  const told: string[] = [];
  for (const program of programs) {
    // Others than Node are not asked in the folder: the commit could name a program of its own there, and this is no stage.
    const cwd = program === 'node' ? folder : '/';
    const answer = (await versionOf(program, env)) ?? (await answerOf(program, env, cwd));
    if (answer === null) return null;
    told.push(answer);
  }
  const changing = Object.entries(base).filter(([name]) => /^(?:p?npm_config_|NODE_|PIP_|PYTHON)/i.test(name));
  const home = env.HOME ?? '/';
  const files = [
    env.npm_config_userconfig ?? join(home, '.npmrc'),
    ...pythonSettings.map((path) => join(home, path)),
    ...pnpmSettings.map((name) => join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'pnpm', name)),
  ];
  const text = (await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')))).join('\0');
  // It holds tokens: only its digest goes further.
  const settings = createHash('sha256').update(text).digest('hex');
  // The PATH has told what it leads to.
  const given = Object.entries(own).filter(([name]) => name !== 'PATH');
  return JSON.stringify([told, changing.sort(), given.sort(), settings]);
}

type Env = Readonly<Record<string, string>>;

/** By its package, where its version alone counts: pnpm takes longer to tell it than all else of a restore. */
async function versionOf(program: Program, env: Env): Promise<string | null> {
  if (question[program] !== version) return null;
  const place = await firstOn(pathOf(env), program);
  const owner = place === null ? null : await packageOf(place);
  return owner?.name === program ? owner.version : null;
}

async function answerOf(program: Program, env: Env, cwd: string): Promise<string | null> {
  const said = await promisify(execFile)(program, question[program], { cwd, env, timeout: answerMs }).catch(() => null);
  return said === null ? null : said.stdout.trim();
}
