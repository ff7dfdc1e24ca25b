import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { type Account, canEnter } from '../account.ts';
import { onDisk } from '../file.ts';
import { makeFolder } from '../folder.ts';
import type { Layout } from '../layout.ts';

/** The folders of one embedded PostgreSQL. */
export interface Place {
  /** Ours, passable: holds the copy of the binaries, and the next two. */
  readonly home: string;
  /** PostgreSQL's own, closed to everyone else. */
  readonly cluster: string;
  readonly socketFolder: string;
}

/** Outside of every user's folders, so that an unprivileged account gets there. */
const reachablePlaces = '/var/lib/towpath-postgres';

export function placeOf(layout: Layout, elsewhere: string | null): Place {
  const home = elsewhere ?? layout.postgres;
  const socketFolder = elsewhere === null ? layout.postgresSocketFolder : join(elsewhere, 'run');
  return { home, cluster: join(home, 'data'), socketFolder };
}

/**
 * Finds a place that the account can reach: below the data folder, or, when a parent of that is closed (`/root/…`, a private temporary
 * folder), below `/var/lib/towpath-postgres` under the installation's id. Null: below the data folder. Creates the folder.
 */
export function choosePlace(
  layout: Layout,
  account: Account | null,
  id: string,
  places = reachablePlaces,
): string | null {
  makeFolder(layout.postgres, account === null ? 0o700 : 0o711);
  if (account === null) return null;
  const socketParent = layout.run;
  if (canEnter(account, layout.postgres) && canEnter(account, socketParent)) return null;
  const elsewhere = join(places, id);
  makeFolder(places, 0o711);
  makeFolder(elsewhere, 0o711);
  if (canEnter(account, elsewhere)) return elsewhere;
  throw new TowpathError(
    'unusable_folder',
    `account ${account.name}, under which PostgreSQL runs, can enter neither ${layout.data} nor ${elsewhere}`,
    { help: 'Choose a data folder whose parents others may pass (mode 0711 or 0755): `towpath up --data <folder>`.' },
  );
}

/** Creates the folders that `place` needs before PostgreSQL starts; the socket's folder is gone after a reboot if it was in /tmp. */
export function preparePlace(place: Place, account: Account | null): void {
  makeFolder(place.home, account === null ? 0o700 : 0o711);
  makeFolder(place.socketFolder, 0o700);
  if (account !== null) onDisk(place.socketFolder, () => chownSync(place.socketFolder, account.uid, account.gid));
}
