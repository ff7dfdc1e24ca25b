import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { Account } from '../account.ts';
import { errorCode, flushFolder, onDisk } from '../file.ts';
import { makeFolder } from '../folder.ts';
import { runLong } from '../run.ts';
import type { Place } from './place.ts';
import { binary, majorOf, removeDraftFolders } from './runtime.ts';

export const superuser = 'towpath';

/** Sizes for one small team beside its services: about 100 MB with every connection idle. Written to postgresql.conf once. */
const firstConfig: Readonly<Record<string, string>> = {
  shared_buffers: '64MB',
  max_connections: '100',
  io_method: 'sync',
  min_wal_size: '32MB',
  max_wal_size: '512MB',
};

/** The arguments of initdb: passwords only as SCRAM, no trust for anyone, the same sort order on every machine. */
export function initArguments(cluster: string, passwordFile: string): string[] {
  return [
    ...['-D', cluster, '-U', superuser, `--pwfile=${passwordFile}`],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--data-checksums'],
    ...Object.entries(firstConfig).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/**
 * Creates the database cluster unless there is one; returns whether it did. A crash in the middle leaves a draft that the next call throws
 * away. Errors: `database_unusable` when the one that is there was made by another major version; `disk_full`.
 */
export async function ensureCluster(
  place: Place,
  runtime: { folder: string; version: string },
  account: Account | null,
  password: string,
): Promise<boolean> {
  removeDraftFolders(place.home, 'init-');
  if (existsSync(place.cluster)) {
    refuseOtherMajor(place.cluster, runtime.version);
    return false;
  }
  const draft = join(place.home, `init-${randomBytes(6).toString('hex')}`);
  const [cluster, passwordFile] = [join(draft, 'data'), join(draft, 'password')];
  try {
    onDisk(place.home, () => {
      makeFolder(draft, 0o700);
      // The only way that shows the password to nobody: not in the arguments, not in the environment.
      writeFileSync(passwordFile, password, { mode: 0o600 });
      if (account !== null) for (const path of [passwordFile, draft]) chownSync(path, account.uid, account.gid);
    });
    const ran = await runLong([binary(runtime.folder, 'initdb'), ...initArguments(cluster, passwordFile)], {
      account,
      cwd: draft,
    });
    if (ran.code !== 0) throw initError(place.home, ran.error?.message ?? ran.stderr.trim());
    renameSync(cluster, place.cluster);
    flushFolder(place.home);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return true;
}

function refuseOtherMajor(cluster: string, version: string): void {
  const found = readMajor(join(cluster, 'PG_VERSION'));
  if (found === majorOf(version)) return;
  throw new TowpathError(
    'database_unusable',
    found === null
      ? `${cluster} holds no database of PostgreSQL: PG_VERSION is missing`
      : `${cluster} was made by PostgreSQL ${found}, and this Towpath brings ${majorOf(version)}`,
    {
      help:
        found === null
          ? 'Put the folder back from a copy, or choose another --data folder.'
          : 'Run the Towpath that made it, dump its database (pg_dump), and load that into a new --data folder or a DATABASE_URL.',
    },
  );
}

function readMajor(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function initError(home: string, said: string): TowpathError {
  if (/No space left on device|Disk quota exceeded/.test(said)) {
    return new TowpathError('disk_full', `no space left on the volume of ${home} for PostgreSQL's files`);
  }
  return new TowpathError('database_unusable', `PostgreSQL's files cannot be created in ${home}: ${said}`, {
    help: 'Mend what initdb says, or give a database: DATABASE_URL=postgresql://… towpath up.',
  });
}
