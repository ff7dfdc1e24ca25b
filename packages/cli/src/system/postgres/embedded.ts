import { join } from 'node:path';
import type { SupervisorConfigInput } from '@towpath/supervisor/client';
import { type Account, choosePostgresAccount } from '../account.ts';
import { type Layout, postgresSocketName, type User } from '../layout.ts';
import { announced, type Progress } from '../progress.ts';
import { ensureCluster } from './cluster.ts';
import { choosePlace, type Place, placeOf, preparePlace } from './place.ts';
import { checkRuntime, ensureRuntime, findPackage, majorOf } from './runtime.ts';
import { embeddedUrl, postgresSpec } from './spec.ts';
import { removeStaleLocks } from './stale-locks.ts';

/** What `up` remembers of an embedded PostgreSQL: its account when root started it, and its place when that is not in the data folder. */
export interface EmbeddedChoice {
  readonly account: Account | null;
  readonly place: string | null;
}

/** An embedded PostgreSQL that is ready to be started. */
export interface Embedded {
  readonly url: string;
  readonly place: Place;
  readonly runtime: string;
  readonly process: NonNullable<SupervisorConfigInput['system']>[number];
}

/** Decides on account and place once; what an earlier `up` decided stays. */
export function chooseEmbedded(layout: Layout, user: User, id: string, earlier: EmbeddedChoice): EmbeddedChoice {
  if (earlier.account !== null) return earlier;
  const account = user.root ? choosePostgresAccount() : null;
  return { account, place: choosePlace(layout, account, id) };
}

/**
 * Puts binaries and cluster in place, whatever an earlier, killed call left there. `server`: the module among whose dependencies the
 * binaries are. `running`: PostgreSQL may run already.
 */
export async function prepareEmbedded(
  layout: Layout,
  choice: EmbeddedChoice,
  input: { readonly password: string; readonly server: string; readonly running: boolean; readonly progress: Progress },
): Promise<Embedded> {
  const { account } = choice;
  const { progress } = input;
  const place = placeOf(layout, choice.place);
  preparePlace(place, account);
  const pack = findPackage(input.server);
  const { folder: runtime, copied } = await announced(
    progress,
    `Copying PostgreSQL ${pack.version}`,
    () => ensureRuntime(pack, place.home),
    (result) => (result.copied ? `PostgreSQL ${majorOf(pack.version)} copied to ${place.home}` : null),
  );
  if (copied || !input.running) checkRuntime(runtime, account);
  await announced(
    progress,
    'Creating the database',
    () => ensureCluster(place, { folder: runtime, version: pack.version }, account, input.password),
    (created) => (created ? 'Database created' : null),
  );
  if (!input.running) removeStaleLocks(place);
  return {
    url: embeddedUrl(place, input.password),
    place,
    runtime,
    process: {
      name: 'postgres',
      spec: postgresSpec(place, runtime, account),
      ready: { socket: join(place.socketFolder, postgresSocketName) },
      readyTimeoutMs: 60_000,
    },
  };
}
