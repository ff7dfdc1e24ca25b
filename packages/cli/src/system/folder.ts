import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { onDisk } from './file.ts';
import { type Layout, layoutOf, type User } from './layout.ts';

/** What a first `up` writes, with room for the write-ahead log. */
const neededBytes = 250_000_000;

/** As root, PostgreSQL's and the services' accounts pass through the data folder without being able to list it. */
const passable = (user: User): number => (user.root ? 0o711 : 0o700);

/**
 * Creates the data folder or checks that it is ours, and gives back its layout. Errors: `unusable_folder` when it is somebody else's,
 * holds other things, or cannot be written to; `disk_full`.
 */
export function prepareDataFolder(path: string, user: User): Layout {
  onDisk(path, () => mkdirSync(path, { recursive: true, mode: passable(user) }));
  const data = realpathSync(path);
  const stats = lstatSync(data);
  if (!stats.isDirectory()) throw new TowpathError('unusable_folder', `${data} is not a folder`);
  const installed = existsSync(join(data, 'towpath.json'));
  const adopted = user.root && !installed;
  if (stats.uid !== user.uid && !adopted) {
    throw new TowpathError('unusable_folder', `${data} belongs to user ${stats.uid}, and this is user ${user.uid}`, {
      help: 'Run it as that user (`sudo -u`), or choose another folder: `towpath up --data <folder>`.',
    });
  }
  if (!installed) {
    refuseForeignContent(data);
    refuseFullVolume(data);
  }
  onDisk(data, () => {
    // An empty folder that a container's volume or an installer made for us under another account.
    if (adopted) chownSync(data, 0, 0);
    chmodSync(data, passable(user));
  });
  return layoutOf(data, user);
}

/** The layout of an installation that exists already, or null. Writes nothing. */
export function findInstallation(path: string, user: User): Layout | null {
  if (!existsSync(join(path, 'towpath.json'))) return null;
  return layoutOf(realpathSync(path), user);
}

/** Creates the folders below the data folder; those with secrets are closed to everyone else. */
export function prepareFolders(layout: Layout, user: User): void {
  for (const folder of [layout.secrets, layout.config, layout.compiled, layout.supervisorState, layout.routerState]) {
    makeFolder(folder, 0o700);
  }
  makeFolder(layout.serverState, passable(user));
  if (layout.runIsInData) makeFolder(layout.run, passable(user));
  else prepareSharedPlace(layout.run, user);
}

/** Creates a folder with exactly this mode, whatever the umask; an existing one gets the mode. */
export function makeFolder(path: string, mode: number): void {
  onDisk(path, () => {
    mkdirSync(path, { recursive: true, mode });
    chmodSync(path, mode);
  });
}

/** A folder in /tmp: anyone could have put something under that name before us. */
export function prepareSharedPlace(path: string, user: User): void {
  try {
    mkdirSync(path, { mode: passable(user) });
  } catch {
    // It is there, or cannot be made: the look below tells.
  }
  const stats = onDisk(path, () => lstatSync(path));
  if (!stats.isDirectory() || stats.uid !== user.uid) {
    throw new TowpathError('unusable_folder', `${path}, where the sockets should go, belongs to somebody else`, {
      help: 'Choose a data folder with a shorter path: its sockets then need no place of their own.',
    });
  }
  onDisk(path, () => chmodSync(path, passable(user)));
}

function refuseForeignContent(data: string): void {
  const foreign = readdirSync(data).find(
    (name) => name !== 'lost+found' && name !== 'up.lock' && !name.endsWith('.tmp'),
  );
  if (foreign !== undefined) {
    throw new TowpathError(
      'unusable_folder',
      `${data} is no data folder of Towpath and not empty: it holds ${foreign}`,
    );
  }
}

function refuseFullVolume(data: string): void {
  const { bavail, bsize } = statfsSync(data);
  if (bavail * bsize < neededBytes) {
    const [free, needed] = [bavail * bsize, neededBytes].map((bytes) => `${Math.floor(bytes / 1_000_000)} MB`);
    throw new TowpathError('disk_full', `the volume of ${data} has ${free} left, and setting up takes ${needed}`);
  }
}
