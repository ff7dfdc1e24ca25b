import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '@towpath/contract';

/** The clone's launcher; null in an installed package, where npm has put `towpath` on the PATH. */
export function findLauncher(): string | null {
  const launcher = fileURLToPath(new URL('../../../../towpath', import.meta.url));
  return statSync(launcher, { throwIfNoEntry: false })?.isFile() ? launcher : null;
}

/**
 * The command that puts `towpath` on the PATH, or null when it is there or cannot be. Root gets a link for everybody, others one of their own.
 */
export function linkCommand(launcher: string | null, env: NodeJS.ProcessEnv, root: boolean): string | null {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  if (launcher === null || folders.some((folder) => canRun(join(folder, 'towpath')))) return null;
  const own = join(homedir(), '.local', 'bin');
  const folder = root ? '/usr/local/bin' : own;
  const link = `ln -s ${shellWord(launcher)} ${shellWord(join(folder, 'towpath'))}`;
  if (root) return link;
  const make = existsSync(own) ? '' : `mkdir -p ${shellWord(own)} && `;
  return `${make}${link}${folders.includes(own) ? '' : ` && export PATH=${shellWord(own)}:$PATH`}`;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
