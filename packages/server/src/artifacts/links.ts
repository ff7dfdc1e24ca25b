import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path/posix';

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
