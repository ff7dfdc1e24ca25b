import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { FoundToolchain } from '../../../domain/runtime/toolchain.ts';
import { firstOn, packageOf } from '../../../on-path.ts';
import { aliasFolder } from './folders.ts';

/** Package managers whose version a package.json may name, and the programs that they come with. */
const managers: Readonly<Record<string, readonly string[]>> = { pnpm: ['pnpm', 'pnpx'], yarn: ['yarn', 'yarnpkg'] };

export const isManager = (name: string): boolean => Object.hasOwn(managers, name);

interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly answerMs: number;
}

/** The one that the PATH leads to, and corepack, which fetches any. */
export async function findManager(
  name: string,
  path: readonly string[],
  around: Surroundings,
): Promise<FoundToolchain[]> {
  const [own, corepack] = await Promise.all([firstOn(path, name), firstOn(path, 'corepack')]);
  const found: FoundToolchain[] = [];
  if (own !== null) found.push(await described(name, own, around));
  if (corepack !== null) {
    const programs = (managers[name] ?? []).map((program) => [program, [corepack, program]] as const);
    found.push({
      name,
      version: '',
      place: corepack,
      bin: aliasFolder(around.folder, name, corepack),
      program: corepack,
      // It must not wait for a yes before it fetches.
      env: { COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' },
      onPath: false,
      fetches: 'corepack',
      aliases: Object.fromEntries(programs),
    });
  }
  return found;
}

/** pnpm fetches what "packageManager" names from this major on: https://pnpm.io/settings#managepackagemanagerversions */
const pnpmFetchesFrom = 10;

async function described(name: string, program: string, around: Surroundings): Promise<FoundToolchain> {
  const plain: FoundToolchain = {
    name,
    version: '',
    place: 'on the PATH',
    bin: dirname(program),
    program,
    env: {},
    onPath: true,
  };
  const owner = await packageOf(program);
  if (owner?.name === 'corepack') return { ...plain, fetches: 'corepack' };
  const version = owner !== null && owner.name === name ? owner.version : await asked(program, around);
  const fetches = name === 'pnpm' && Number.parseInt(version, 10) >= pnpmFetchesFrom;
  return { ...plain, version, ...(fetches ? { fetches: `pnpm ${version}` } : {}) };
}

async function asked(program: string, { env, answerMs }: Surroundings): Promise<string> {
  const options = {
    cwd: '/',
    env: { ...env, COREPACK_ENABLE_NETWORK: '0' },
    timeout: answerMs,
    killSignal: 'SIGKILL' as const,
  };
  const said = await promisify(execFile)(program, ['--version'], options).catch(() => ({ stdout: '' }));
  return /^\s*v?(\d[\w.-]{0,40})\s*$/.exec(said.stdout)?.[1] ?? 'of some version';
}
