import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Refuses what is neither a branch nor a tag. */
const preReceive = `#!/bin/sh
while IFS=' ' read -r old new ref; do
  case $ref in
    refs/heads/?*|refs/tags/?*) ;;
    *)
      echo "towpath takes branches and tags only, not $ref" >&2
      exit 1
      ;;
  esac
done
`;

/**
 * Tells the server which refs moved and hands its lines to the pusher, over the one socket that the server left open as descriptor 3.
 * The empty line is needed because git's own processes hold the descriptor too. Without a server it ends at once.
 */
const postReceive = `#!/bin/sh
trap '' PIPE
{ while IFS= read -r update; do printf '%s\\n' "$update"; done && echo; } 1>&3 || exit 0
exec cat 0<&3 1>&2
`;

/**
 * Git's whole configuration on this side. `maxPushBytes` limits one pack; files over `bigFileThreshold` go through git piece by piece, not
 * through its memory.
 */
export function gitConfig(hooks: string, maxPushBytes: number): string {
  return `[core]
	hooksPath = ${quoted(hooks)}
	fsync = committed
	fsyncMethod = batch
	bigFileThreshold = 16m
[safe]
	directory = *
[protocol]
	allow = never
[http]
	receivepack = true
	getanyfile = false
[transfer]
	fsckObjects = true
[receive]
	autogc = false
	denyDeleteCurrent = ignore
	maxInputSize = ${maxPushBytes}
[receive "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[gc]
	auto = 0
[checkout]
	workers = 0
`;
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * Makes the folder that git takes for the home folder: its configuration and hooks. It is named by its content and appears whole, so
 * that servers of two versions can work side by side. Returns its path.
 */
export async function makeHome(gitDir: string, maxPushBytes: number): Promise<string> {
  const content = createHash('sha256');
  for (const part of [gitConfig(gitDir, maxPushBytes), preReceive, postReceive])
    content.update(`${part.length}\n${part}`);
  const home = join(gitDir, `.home-${content.digest('hex').slice(0, 16)}`);
  const exists = () =>
    access(home).then(
      () => true,
      () => false,
    );
  if (await exists()) return home;

  const part = `${home}.${randomUUID()}.part`;
  await mkdir(join(part, 'hooks'), { recursive: true, mode: 0o700 });
  const hook = { mode: 0o755, flush: true };
  await writeFile(join(part, 'hooks', 'pre-receive'), preReceive, hook);
  await writeFile(join(part, 'hooks', 'post-receive'), postReceive, hook);
  await writeFile(join(part, '.gitconfig'), gitConfig(join(home, 'hooks'), maxPushBytes), { flush: true });
  try {
    await rename(part, home);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (!(await exists())) throw error;
  }
  return home;
}
