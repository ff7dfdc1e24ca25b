import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The words of Node itself: the one on the PATH may be a shim that chooses by the folder. */
const asked = `[process.version, process.platform, process.arch, process.versions.modules,
  process.report?.getReport?.().header.glibcVersionRuntime ?? 'no glibc'].join(' ')`;
const answerMs = 10_000;

/**
 * Which toolchain the commands of this folder meet: `v22.1.0 linux x64 127 2.36`, and what of the environment and of the user's
 * own npm settings changes an install. Null when Node is not there: then there is nothing to keep either.
 */
export async function toolchainOf(folder: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  const run = promisify(execFile);
  const node = await run('node', ['-p', asked], { cwd: folder, env: { ...env }, timeout: answerMs }).catch(() => null);
  if (node === null) return null;
  const changing = Object.entries(env).filter(([name]) => /^(?:npm_config_|NODE_)/i.test(name));
  const userConfig = env.npm_config_userconfig ?? (env.HOME === undefined ? null : join(env.HOME, '.npmrc'));
  const text = userConfig === null ? '' : await readFile(userConfig, 'utf8').catch(() => '');
  // It holds tokens: only its digest goes further.
  const settings = createHash('sha256').update(text).digest('hex');
  return JSON.stringify([node.stdout.trim(), changing.sort(), settings]);
}
