import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, type RunDetail } from '@towpath/contract';
import type { Repository } from './repository.ts';
import type { Files } from './templates.ts';
import type { World } from './world.ts';

const examples = fileURLToPath(new URL('../examples', import.meta.url));
/** What builds and tests leave in a clone. */
const made = /(^|\/)(node_modules|\.venv|__pycache__|\.pytest_cache|bin)\//;

/** The files of an example as they are committed. */
export function exampleFiles(name: string): Files {
  const top = join(examples, name);
  const found = readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(top.length + 1))
    .filter((path) => !made.test(path));
  return Object.fromEntries(found.map((path) => [path, readFileSync(join(top, path), 'utf8')]));
}

/** Pushes; the run when it waits for a person. Throws with the log of the stage that failed: a registry out of reach shows there. */
export async function pushed(world: World, repository: Repository, remote: string): Promise<RunDetail> {
  const { run, said } = await repository.push('main', remote);
  if (run === null) throw new Error(`the push began no run:\n${said}`);
  const detail = await world.client.call('getRun', { params: { run } });
  if (!ended.has(detail.status)) return detail;
  const log = await world.cliIn(repository.folder, 'logs', String(run));
  throw new Error(`run #${run} ${detail.status}: ${detail.reason}\n${log.stdout.slice(-4_000)}${log.stderr}`);
}

/** The commands that a stage ran, as its log shows them. */
export async function commandsOf(world: World, run: number, stage: string): Promise<string[]> {
  const { stdout } = await world.cli('logs', String(run), stage);
  return [...stdout.matchAll(/^\$ (.+)$/gm)].map((found) => found[1] ?? '');
}
