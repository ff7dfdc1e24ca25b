import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path/posix';
import { TowpathError } from '@towpath/contract';

/** Why this link, to this target as it is written, is refused; or null. */
type LinkRule = (link: Buffer, target: Buffer) => Promise<string | null>;

/**
 * Which symbolic links a bundle may hold: relative ones that stay inside it, and absolute ones to the system (a virtual environment
 * points to /usr/bin/python3) or into itself. Refused are relative ones that leave it, and everything that leads, directly or over other
 * links, into another part of the data folder: other services' bundles, mirrors, keys.
 */
export async function linkRule(folder: string, data: string): Promise<LinkRule> {
  const own = [bytes(folder), await real(folder)];
  const all = [bytes(data), await real(data)];
  const inside = (path: string, folders: readonly (string | null)[]) =>
    folders.some((one) => one !== null && (path === one || path.startsWith(`${one}/`)));

  return async (link, target) => {
    const written = target.toString('latin1');
    const direct = resolve(dirname(link.toString('latin1')), written);
    if (!written.startsWith('/') && !inside(direct, own)) return 'which leads out of the bundle';
    for (const end of [direct, await real(link)]) {
      if (end !== null && inside(end, all) && !inside(end, own))
        return 'which leads to another part of the data folder';
    }
    return null;
  };
}

/**
 * Nobody works in, or serves, a folder that is elsewhere: throws `refused_file` when a link leads out of `top` on the way to the path
 * below it. One that is not there is not refused.
 */
export async function refuseOutside(top: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([real(top), real(join(top, path))]);
  if (from === null || to === null || to === from || to.startsWith(`${from}/`)) return;
  throw new TowpathError('refused_file', `${JSON.stringify(path)} leads out of the repository, by a link`, {
    help: 'Make it a folder of the repository, or give another one in the settings.',
  });
}

/** Names need not be UTF-8: each byte becomes one character. */
function bytes(path: string): string {
  return Buffer.from(path).toString('latin1');
}

/** Null for a link that leads nowhere. */
function real(path: string | Buffer): Promise<string | null> {
  return realpath(path, { encoding: 'buffer' }).then(
    (found) => found.toString('latin1'),
    () => null,
  );
}
