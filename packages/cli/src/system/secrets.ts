import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { createFile, errorCode, onDisk, removeDrafts, replaceFile } from './file.ts';
import type { Layout } from './layout.ts';

export interface Secrets {
  readonly databasePassword: string;
  readonly bootstrapToken: string;
  /** Stands for the master key without giving it away: the settings remember which key this installation began with. */
  readonly keyId: string;
}

/**
 * Generates the installation's secrets where they are missing, and reads them. What is there is never overwritten, and refused when others
 * could have read or changed it (`unsafe_file`). `expectedKeyId`: what an earlier `up` remembered; a key that is gone or another one is
 * refused, because a new key would make every sealed secret unreadable.
 */
export function ensureSecrets(layout: Layout, expectedKeyId: string | null): Secrets {
  removeDrafts(layout.secrets);
  if (expectedKeyId !== null) {
    for (const path of [layout.masterKey, layout.databasePassword]) refuseLost(path);
  }
  const databasePassword = ensureSecret(layout.databasePassword, () => randomBytes(24).toString('base64url'));
  const masterKey = ensureSecret(layout.masterKey, () => randomBytes(32).toString('base64'));
  const bootstrapToken = ensureSecret(layout.bootstrapToken, () => `twp_${randomBytes(24).toString('base64url')}`);
  if (Buffer.from(masterKey, 'base64').length !== 32) {
    throw new TowpathError('unsafe_file', `${layout.masterKey} holds no key: 32 bytes in base64 are expected`, {
      help: 'Put the copy of the key back that was made after the installation.',
    });
  }
  const keyId = createHash('sha256').update(masterKey).digest('hex').slice(0, 16);
  if (expectedKeyId !== null && keyId !== expectedKeyId) {
    throw new TowpathError('unsafe_file', `${layout.masterKey} is not the key that this installation was set up with`, {
      help: 'Put the right one back: secrets in the database cannot be read with another key.',
    });
  }
  return { databasePassword, bootstrapToken, keyId };
}

/** Reads a secret, or generates and keeps it. Two at once agree: the first one's stays. */
export function ensureSecret(path: string, generate: () => string): string {
  if (!existsSync(path)) onDisk(path, () => createFile(path, `${generate()}\n`, 0o600));
  return readSecret(path);
}

/** Keeps the address of somebody else's database, which carries a password. */
export function keepDatabaseUrl(layout: Layout, url: string): void {
  onDisk(layout.databaseUrl, () => replaceFile(layout.databaseUrl, `${url}\n`, 0o600));
}

/** Reads a private file; `unsafe_file` when it is not ours alone. Follows no symbolic link. */
export function readSecret(path: string): string {
  const handle = openPrivate(path);
  try {
    const stats = fstatSync(handle);
    if (stats.uid !== process.geteuid?.()) {
      throw new TowpathError('unsafe_file', `${path} belongs to user ${stats.uid}`, {
        help: `Give it to the user that runs Towpath, then: chmod 600 ${path}`,
      });
    }
    if ((stats.mode & 0o077) !== 0) {
      const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
      throw new TowpathError('unsafe_file', `${path} is open to other users (mode ${mode})`, {
        help: `If nobody read it: chmod 600 ${path}`,
      });
    }
    const secret = readFileSync(handle, 'utf8').trim();
    if (secret === '') throw new TowpathError('unsafe_file', `${path} is empty`, { help: 'Put its copy back.' });
    return secret;
  } finally {
    closeSync(handle);
  }
}

function openPrivate(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ELOOP') throw error;
    throw new TowpathError('unsafe_file', `${path} is a symbolic link, and must be a file`, { cause: error });
  }
}

function refuseLost(path: string): void {
  if (existsSync(path)) return;
  throw new TowpathError('unsafe_file', `${path} is gone, and this installation was set up with it`, {
    help: `Put the copy of ${basename(path)} back. To begin anew, without the old data, choose another --data folder.`,
  });
}
