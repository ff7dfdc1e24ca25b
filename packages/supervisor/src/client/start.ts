import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TowpathError } from '@towpath/contract';
import type { SupervisorHealth } from '@towpath/contract/supervisor';
import { readConfig, type SupervisorConfig } from '../config.ts';
import { SupervisorClient } from './client.ts';

const lookEveryMs = 20;
const mostAnswerMs = 5_000;
const mostLogBytes = 8 << 20;
/** What a supervisor needs of its starter's environment. Not TOWPATH_PROCESS: it must not be ended with whoever started it. */
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TOWPATH_FAILPOINT', 'TOWPATH_FAILPOINTS'];

/**
 * Answers when a supervisor of this configuration does: the one that runs, or a new one, started with its keeper (keep.sh) and
 * detached. May be called by several at once: the keepers whose supervisor finds the folder taken end by themselves.
 * Throws bad_request when the configuration is wrong, supervisor_away when none answers in time.
 */
export async function startSupervisor(
  configPath: string,
  nodePath: string = process.execPath,
  timeoutMs = 30_000,
): Promise<SupervisorHealth> {
  const config = readConfig(configPath);
  const client = new SupervisorClient(config.socket);
  const until = Date.now() + timeoutMs;
  let keeper: { ended: boolean } | null = null;
  try {
    for (;;) {
      const leftMs = Math.max(1, Math.min(mostAnswerMs, until - Date.now()));
      const health = await client
        .health(leftMs)
        .catch((error: unknown) => (isAway(error) ? null : Promise.reject(error)));
      if (health !== null) return health;
      if (Date.now() > until) throw new TowpathError('supervisor_away', await whyAway(config));
      // A keeper that has ended lost against another one, or finished a shutdown that was under way.
      if (keeper === null || keeper.ended) keeper = startKeeper(config, configPath, nodePath);
      await delay(lookEveryMs);
    }
  } finally {
    client.close();
  }
}

function startKeeper(config: SupervisorConfig, configPath: string, nodePath: string): { ended: boolean } {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const log = logPath(config);
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > mostLogBytes) renameSync(log, `${log}.1`);
  const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
  const keepScript = fileURLToPath(new URL('../keep.sh', import.meta.url));
  const env: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: join(config.dataDir, 'compiled') };
  for (const name of inherited) if (process.env[name] !== undefined) env[name] = process.env[name];
  const child = spawn('/bin/sh', [keepScript, nodePath, main, configPath, log], {
    cwd: '/',
    detached: true,
    env,
    stdio: 'ignore',
  });
  const keeper = { ended: false };
  const end = () => {
    keeper.ended = true;
  };
  child.once('exit', end).once('error', end).unref();
  return keeper;
}

function logPath(config: SupervisorConfig): string {
  return join(config.dataDir, 'log');
}

function isAway(error: unknown): boolean {
  return error instanceof TowpathError && error.code === 'supervisor_away';
}

async function whyAway(config: SupervisorConfig): Promise<string> {
  const path = logPath(config);
  const last = await lastLine(path).catch(() => '');
  return `the supervisor does not answer on ${config.socket}; its log is ${path}${last === '' ? '' : `, and ends with: ${last}`}`;
}

async function lastLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, Math.max(0, size - 4096));
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').at(-1) ?? '';
  } finally {
    await file.close();
  }
}
