import { settleAddresses } from './addresses.ts';
import { describeSystem, urlOf } from './config-files.ts';
import { databaseName, type GivenDatabase, settleDatabase } from './database.ts';
import { removeDrafts } from './file.ts';
import { prepareDataFolder, prepareFolders } from './folder.ts';
import { type Check, databaseCheck, socketCheck } from './health.ts';
import type { Layout, User } from './layout.ts';
import { withLock } from './lock.ts';
import type { Parts } from './parts.ts';
import { chooseEmbedded, type Embedded, prepareEmbedded } from './postgres/embedded.ts';
import { removeOldRuntimes } from './postgres/runtime.ts';
import type { Progress } from './progress.ts';
import { ensureSecrets, keepDatabaseUrl, readSecret } from './secrets.ts';
import { applyWishes, firstSettings, readSettings, type Settings, type Wishes, writeSettings } from './settings.ts';
import { startSystem } from './start.ts';
import { supervisorHealth } from './supervision.ts';

const lockTimeoutMs = 120_000;

export interface UpRequest {
  readonly data: string;
  readonly user: User;
  readonly wishes: Wishes;
  readonly database: GivenDatabase | null;
  readonly parts: Parts;
  /** The Node that the parts run on. */
  readonly node: string;
  /** What stages and services of a new installation inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly progress: Progress;
}

/** An installation that runs. */
export interface Running {
  readonly data: string;
  readonly url: string;
  readonly gitUrl: string;
  readonly routerUrl: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly domain: string;
  /** As people may see it, without user and password. */
  readonly database: string;
  /** Where the embedded PostgreSQL lies when that is not in the data folder. */
  readonly postgresPlace: string | null;
  readonly servers: number;
  /** The parts that this call started or replaced; empty when all of it ran already. */
  readonly started: readonly string[];
}

/**
 * Sets an installation up where that is still to be done, and brings everything of it to run with the present code and settings. May be called
 * again at any time, also after it was killed at any point. Replicas and stages are never touched.
 */
export async function bringUp(request: UpRequest): Promise<Running> {
  const layout = prepareDataFolder(request.data, request.user);
  return withLock(layout.lock, lockTimeoutMs, async () => {
    const { settings, databaseUrl, token, embedded } = await install(layout, request);
    const system = describeSystem({
      layout,
      settings,
      parts: request.parts,
      databaseUrl,
      postgres: embedded?.process ?? null,
      node: request.node,
    });
    const started = await startSystem(layout, system, checksOf(layout, settings, embedded), request);
    if (embedded !== null) removeOldRuntimes(embedded.place.home, embedded.runtime);
    const url = urlOf(settings.control);
    return {
      data: layout.data,
      url,
      gitUrl: `${url}/git`,
      routerUrl: urlOf(settings.listen),
      token,
      tokenFile: layout.bootstrapToken,
      domain: settings.domain,
      database: databaseName(settings, databaseUrl),
      postgresPlace: settings.database.kind === 'embedded' ? settings.database.place : null,
      servers: settings.servers,
      started,
    };
  });
}

interface Installed {
  readonly settings: Settings;
  readonly databaseUrl: string;
  readonly token: string;
  readonly embedded: Embedded | null;
}

/** Everything on disk, nothing running yet. What can be refused is refused before anything is written. */
async function install(layout: Layout, request: UpRequest): Promise<Installed> {
  const { user, progress } = request;
  removeDrafts(layout.data);
  const earlier = readSettings(layout.settings);
  const wanted = applyWishes(earlier ?? firstSettings(request.env), request.wishes);
  const database = await settleDatabase(layout, earlier?.database ?? null, request.database);
  let settings = await settleAddresses(layout, { ...wanted, database: database.settings }, earlier);
  const save = (changes: Partial<Settings>): void => {
    settings = { ...settings, ...changes };
    writeSettings(layout.settings, settings);
  };

  // A file with the settings is what makes the folder ours, should anything go wrong from here on.
  save({});
  prepareFolders(layout, user);
  const secrets = ensureSecrets(layout, settings.keyId);
  save({ keyId: secrets.keyId });
  const token = secrets.bootstrapToken;
  if (settings.database.kind === 'external') {
    if (database.url !== null) keepDatabaseUrl(layout, database.url);
    return { settings, databaseUrl: readSecret(layout.databaseUrl), token, embedded: null };
  }
  const choice = chooseEmbedded(layout, user, settings.id, settings.database);
  save({ database: { kind: 'embedded', ...choice } });
  const running = (await supervisorHealth(layout.supervisorSocket)) !== null;
  const { databasePassword: password } = secrets;
  const server = request.parts.server.entry;
  const embedded = await prepareEmbedded(layout, choice, { password, server, running, progress });
  return { settings, databaseUrl: embedded.url, token, embedded };
}

/** What says that each part is well, in the order in which they depend on each other. */
function checksOf(layout: Layout, settings: Settings, embedded: Embedded | null): Map<string, Check> {
  const checks = new Map<string, Check>();
  if (embedded !== null) checks.set(embedded.process.name, databaseCheck(embedded.url));
  for (let index = 1; index <= settings.servers; index += 1) {
    checks.set(`server-${index}`, socketCheck(layout.serverSocket(index), '/api/health'));
  }
  return checks.set('router', socketCheck(layout.routerSocket, '/state'));
}
