import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { TowpathError } from '@towpath/contract';

/** Who runs the command. */
export interface User {
  readonly uid: number;
  readonly root: boolean;
}

/** Every path of an installation. What differs by installation (PostgreSQL's place) is in the settings. */
export interface Layout {
  readonly data: string;
  readonly settings: string;
  /** Which code runs now, as far as `up` brought it there. */
  readonly applied: string;
  readonly lock: string;
  readonly secrets: string;
  readonly databasePassword: string;
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly bootstrapToken: string;
  /** The parts' configuration files; they carry the database's password, so the folder is private. */
  readonly config: string;
  readonly supervisorConfig: string;
  readonly routerConfig: string;
  serverConfig(index: number): string;
  /** Node's compiled code, which makes every start faster. */
  readonly compiled: string;
  readonly supervisorState: string;
  readonly routerState: string;
  readonly serverState: string;
  readonly postgres: string;
  /** Sockets live here; below the data folder when their paths stay short enough. */
  readonly run: string;
  readonly runIsInData: boolean;
  readonly supervisorSocket: string;
  readonly routerSocket: string;
  serverSocket(index: number): string;
  readonly postgresSocketFolder: string;
}

/** The kernel's limit is 108 bytes with the closing zero (104 on macOS); PostgreSQL's is the longest of our names. */
const socketPathLimit = 100;
export const postgresSocketName = '.s.PGSQL.5432';

/** Who runs this process. Without user ids (Windows) Towpath does not run. */
export function currentUser(): User {
  const uid = process.geteuid?.();
  if (uid === undefined) throw new TowpathError('bad_request', 'Towpath runs on Linux and macOS');
  return { uid, root: uid === 0 };
}

/** Where the data lies when nobody says otherwise. */
export function defaultDataFolder(user: User, env: NodeJS.ProcessEnv): string {
  if (env.TOWPATH_DATA) return resolve(env.TOWPATH_DATA);
  if (user.root) return '/var/lib/towpath';
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'towpath');
}

/**
 * All paths of the installation in `data`, a canonical absolute path. Pure: the same path and user give the same layout, in every shell;
 * so nothing here may hang on variables such as XDG_RUNTIME_DIR, which a login shell has and a timer has not.
 */
export function layoutOf(data: string, user: User): Layout {
  const inData = join(data, 'run');
  const runIsInData = Buffer.byteLength(join(inData, 'postgres', postgresSocketName)) < socketPathLimit;
  const run = runIsInData ? inData : join('/tmp', `towpath-${user.uid}-${shortHash(data)}`);
  const secrets = join(data, 'secrets');
  const config = join(data, 'config');
  return {
    data,
    settings: join(data, 'towpath.json'),
    applied: join(config, 'applied.json'),
    lock: join(data, 'up.lock'),
    secrets,
    databasePassword: join(secrets, 'database-password'),
    databaseUrl: join(secrets, 'database-url'),
    masterKey: join(secrets, 'master-key'),
    bootstrapToken: join(secrets, 'bootstrap-token'),
    config,
    supervisorConfig: join(config, 'supervisor.json'),
    routerConfig: join(config, 'router.json'),
    serverConfig: (index) => join(config, `server-${index}.json`),
    compiled: join(data, 'compiled'),
    supervisorState: join(data, 'supervisor'),
    routerState: join(data, 'router'),
    serverState: join(data, 'server'),
    postgres: join(data, 'postgres'),
    run,
    runIsInData,
    supervisorSocket: join(run, 'supervisor.sock'),
    routerSocket: join(run, 'router.sock'),
    serverSocket: (index) => join(run, `server-${index}.sock`),
    postgresSocketFolder: join(run, 'postgres'),
  };
}

/** Twelve hexadecimal digits that stand for a path. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
