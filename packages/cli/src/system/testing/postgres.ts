/** PostgreSQL for the integration tests of this folder, made and started by the code under test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Account, choosePostgresAccount } from '../account.ts';
import { prepareDataFolder, prepareFolders } from '../folder.ts';
import { type Answer, askDatabase } from '../postgres/connect.ts';
import { choosePlace, type Place, placeOf, preparePlace } from '../postgres/place.ts';
import { ensureRuntime, findPackage } from '../postgres/runtime.ts';
import type { postgresSpec } from '../postgres/spec.ts';
import { me } from './scene.ts';

export interface Scene {
  readonly place: Place;
  readonly account: Account | null;
  readonly runtime: { readonly folder: string; readonly version: string };
}

/** A data folder with the binaries in place, without a cluster yet. */
export async function postgresScene(data: string, places?: string): Promise<Scene> {
  const layout = prepareDataFolder(data, me);
  prepareFolders(layout, me);
  const account = me.root ? choosePostgresAccount() : null;
  const place = placeOf(layout, choosePlace(layout, account, '0123456789ab', places));
  preparePlace(place, account);
  const pack = findPackage(fileURLToPath(import.meta.resolve('@towpath/server/main')));
  const { folder } = await ensureRuntime(pack, place.home);
  return { place, account, runtime: { folder, version: pack.version } };
}

/** Starts what a specification says until the running test ends. */
export function startSpec(spec: ReturnType<typeof postgresSpec>): ChildProcess {
  const [command = '', ...args] = spec.argv;
  const child = spawn(command, args, { cwd: spec.cwd, env: spec.env, ...spec.user, stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  });
  return child;
}

/** Asks until the database has started. */
export async function askUntilStarted(url: string): Promise<Answer> {
  for (;;) {
    const answer = await askDatabase(url);
    if (answer.kind !== 'starting') return answer;
    await pause(20);
  }
}
