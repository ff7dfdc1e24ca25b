import type { SupervisorConfigInput } from '@towpath/supervisor/client';
import type { Account } from '../account.ts';
import { plainEnv } from '../run.ts';
import { superuser } from './cluster.ts';
import type { Place } from './place.ts';
import { binary } from './runtime.ts';

/** What must hold whatever postgresql.conf says: no port, one private socket, messages to where the supervisor keeps them. */
function fixedConfig(place: Place): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    unix_socket_directories: place.socketFolder,
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
}

type Spec = NonNullable<SupervisorConfigInput['system']>[number]['spec'];

/** The supervisor's specification of the embedded PostgreSQL. SIGINT is its fast shutdown: clients are cut, a checkpoint is written. */
export function postgresSpec(place: Place, runtime: string, account: Account | null): Spec {
  return {
    argv: [
      ...[binary(runtime, 'postgres'), '-D', place.cluster, '-p', '5432'],
      ...Object.entries(fixedConfig(place)).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    cwd: place.cluster,
    env: { ...plainEnv },
    ...(account === null ? {} : { user: { uid: account.uid, gid: account.gid } }),
    stopSignal: 'SIGINT',
    graceMs: 60_000,
  };
}

/** How the server connects: through the socket's folder; the host's name in it is not used. */
export function embeddedUrl(place: Place, password: string): string {
  return `postgresql://${superuser}:${encodeURIComponent(password)}@localhost/postgres?host=${encodeURIComponent(place.socketFolder)}`;
}
