/** The composition root: reads the configuration, wires everything, lists every built-in driver. */
import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isCode } from '@towpath/contract';
import { routerClient } from '@towpath/router/client';
import { SupervisorClient, startSupervisor } from '@towpath/supervisor/client';
import { openBundles } from './artifacts/bundles.ts';
import { openCaches } from './artifacts/caches/caches.ts';
import { openDownloads } from './artifacts/caches/downloads.ts';
import { keptFolder } from './artifacts/data.ts';
import { viewFolder } from './artifacts/file-view.ts';
import { openParts } from './artifacts/parts.ts';
import { ServerConfig } from './config.ts';
import { endAfterDefect } from './defect.ts';
import { releaseId } from './domain/rollout/route.ts';
import { DbosEngine } from './engine/dbos-engine.ts';
import { Deadlines } from './engine/deadlines.ts';
import { Dispatcher } from './engine/dispatcher.ts';
import { migrateEngine } from './engine/engine-database.ts';
import type { FatalReason } from './engine/interruption.ts';
import { Lease } from './engine/lease.ts';
import { Reaper } from './engine/reaper.ts';
import { type Kept, oldWorkflows, Retention } from './engine/retention.ts';
import { Semaphore } from './engine/semaphore.ts';
import { ProcessExecutor } from './executors/process/executor.ts';
import { MachineToolchains } from './executors/process/toolchains/machine.ts';
import { openDashboard } from './http/dashboard.ts';
import { gitHandler } from './http/git.ts';
import { listenOnSocket } from './http/listen.ts';
import { createHttp } from './http/server.ts';
import { Collector } from './insights/collector.ts';
import { log } from './log.ts';
import { Logs } from './logs/logs.ts';
import { ReplicaLogs } from './logs/replicas.ts';
import type { House } from './operations/house.ts';
import { reconcilePushes } from './operations/push.ts';
import { ProcessPlatform } from './platforms/process/platform.ts';
import { staticSiteCommand } from './platforms/process/static-site.ts';
import { HealthWatch } from './rollouts/health-watch.ts';
import type { RolloutHouse } from './rollouts/house.ts';
import { jobLane } from './rollouts/jobs/lane.ts';
import { jobWorkflow } from './rollouts/jobs/workflow.ts';
import { deploymentLane } from './rollouts/lane.ts';
import { Publisher } from './rollouts/publisher.ts';
import { releaseSecrets } from './rollouts/release-secrets.ts';
import { requestRelease } from './rollouts/request.ts';
import { deploymentWorkflow } from './rollouts/workflow.ts';
import { approvalDeadlines } from './runs/deadlines.ts';
import { runLane } from './runs/lane.ts';
import { runWorkflow } from './runs/workflow.ts';
import { readKeyFile } from './secrets/key.ts';
import { createMask } from './secrets/mask.ts';
import { createSealer } from './secrets/seal.ts';
import { openGitSource } from './sources/git/git-source.ts';
import { isAway } from './store/away.ts';
import { openChanges } from './store/changes.ts';
import { connect } from './store/connect.ts';
import { openEventTail } from './store/event-tail.ts';
import { tendLogs } from './store/log-retention.ts';
import { migrate } from './store/migrate.ts';
import { releaseById } from './store/releases.ts';
import { forgetKeys } from './store/request-keys.ts';
import { ensureBootstrap } from './store/tokens.ts';
import { EmbeddedTraffic } from './traffic/embedded/traffic.ts';
import { Watch } from './watch.ts';

/** The keeper starts the server again; the exit code only tells people why it ended. */
const exitCodes: Record<FatalReason, number> = { 'lease lost': 70, 'stale claim': 71, 'database away': 75 };

function fatal(reason: FatalReason, error: unknown): never {
  log('error', `the server ends and comes back: ${reason}`, error);
  process.exit(exitCodes[reason]);
}

async function main(): Promise<void> {
  const config = ServerConfig.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
  await mkdir(config.dataDir, { recursive: true, mode: 0o711 });
  let house: House | null = null;
  const source = await openGitSource({ dataDir: config.dataDir, limits: config.limits });
  const failed = (message: string, error: unknown) => log('error', message, error);
  const git = gitHandler({ house: () => house, source, log: failed });
  const dashboard = openDashboard(fileURLToPath(import.meta.resolve('@towpath/dashboard/main')));
  const http = await createHttp({ house: () => house, git, dashboard, log: failed });
  // Before the database: whoever asks meanwhile is told what is missing.
  await listenOnSocket(http, config.socket);
  process.once('SIGTERM', () => process.exit(0));

  const secrets = createSealer(readKeyFile(config.keyFile));
  const token = (await readFile(config.bootstrapTokenFile, 'utf8')).trim();
  await untilDatabase(() => migrate(config.databaseUrl, { alsoMigrate: () => migrateEngine(config.databaseUrl, log) }));
  const { db } = connect(config.databaseUrl, { name: `towpath ${config.name}` });
  await ensureBootstrap(db, token);
  const changes = openChanges(config.databaseUrl, { name: `towpath ${config.name} changes` });
  const lease = await Lease.take({
    databaseUrl: config.databaseUrl,
    log,
    onLost: (loss, error) => fatal(loss === 'lock lost' ? 'lease lost' : loss, error),
  });

  const supervisor = new SupervisorClient(config.supervisor.socket);
  const executor = new ProcessExecutor(supervisor);
  const toolchains = new MachineToolchains({ env: config.baseEnv, folder: join(config.dataDir, 'toolchains') });
  const platform = new ProcessPlatform(supervisor, config.replicaPorts);
  const router = new EmbeddedTraffic(routerClient(config.router.socket));
  // Stored without waiting for the disk: the end of a stage, which is committed after its log, waits for both.
  const logsDb = connect(config.databaseUrl, { name: `towpath ${config.name} logs`, max: 10, hasty: true }).db;
  const logs = new Logs({ db: logsDb, changes, limits: config.logs });
  const publisher = new Publisher(db, router);
  const bundles = openBundles(config.dataDir);
  const idleMs = 30 * 24 * 3_600_000;
  const kept = { dataDir: config.dataDir, env: config.baseEnv, log: failed };
  const caches = openCaches({ ...kept, bounds: { bytes: config.limits.cacheBytes, idleMs } });
  const downloads = openDownloads({ ...kept, bounds: { bytes: config.limits.downloadBytes, idleMs } });
  const engine = new DbosEngine({
    databaseUrl: config.databaseUrl,
    executorId: lease.executorId,
    log,
    confirmLease: () => lease.confirm(),
    isAway,
    fatal,
    onDefect: (workflow, id, error) => endAfterDefect(db, workflow, id, error),
  });
  const workspaces = join(config.dataDir, 'workspaces');
  await mkdir(workspaces, { recursive: true });
  engine.define(
    'run',
    runWorkflow({
      db,
      changes,
      executor,
      logs,
      toolchains,
      source,
      bundles,
      caches,
      downloads,
      slots: new Semaphore(config.limits.stages),
      workspaces,
      baseEnv: config.baseEnv,
      view: viewFolder,
      requestRelease: async (tx, wish) => (await requestRelease(tx, secrets, { ...wish, cause: 'run' })).deployment,
    }),
  );
  const rollouts: RolloutHouse = {
    db,
    changes,
    platform,
    executor,
    logs,
    toolchains,
    router,
    publisher,
    secrets,
    artifactFolder: (location) => bundles.folder(location),
    dataFolder: (service, environment) => keptFolder(config.dataDir, service, environment),
    serveFolder: staticSiteCommand,
    baseEnv: config.baseEnv,
    domain: config.domain,
  };
  engine.define('deployment', deploymentWorkflow(rollouts));
  engine.define('job', jobWorkflow(rollouts));
  await engine.launch();
  const watch = new Watch({
    supervisor,
    revive: () => startSupervisor(config.supervisor.config, process.execPath),
    refreshRoutes: () => publisher.refresh(),
    log,
  });
  const awayFromIt = (error: unknown) => isAway(error) || isCode(error, 'router_away');
  const health = new HealthWatch({ db, router, log, isAway: awayFromIt });
  const parts = openParts(join(workspaces, 'looks'));
  const whole: House = {
    db,
    changes,
    events: openEventTail(db, changes),
    config,
    source,
    platform,
    executor,
    logs,
    toolchains,
    router,
    secrets,
    parts,
    problems: () => watch.problems(),
  };
  house = whole;
  const dispatcher = new Dispatcher({
    lanes: [runLane(db, engine, config.limits.runs), deploymentLane(db, engine), jobLane(db, engine)],
    changes,
    log,
    isAway,
  });
  const deadlines = new Deadlines({ source: approvalDeadlines(db), changes, log, isAway });
  const reaper = new Reaper({
    engine,
    log,
    confirmLease: () => lease.confirm(),
    isAway,
    reconcile: () => giveRuns(whole),
  });
  const replicaLogs = new ReplicaLogs({
    db: logsDb,
    changes,
    platform,
    limits: config.logs,
    server: `${hostname()}/${config.name}`,
    maskOf: async (release) =>
      createMask(Object.values(releaseSecrets(secrets, await releaseById(db, releaseId(release))))),
    log,
  });
  const oldLogs: Kept = {
    what: 'old logs',
    forget: async (now) => {
      const days = await tendLogs(db, now, config.logs);
      return days > 0 ? `dropped the logs of ${days} days` : null;
    },
  };
  const oldKeys: Kept = { what: 'old idempotency keys', forget: () => forgetKeys(db).then(() => null) };
  const retention = new Retention({ kept: [oldWorkflows(engine), oldLogs, oldKeys], log, isAway });
  const collector = new Collector({ db, router, leads: () => lease.leads('traffic'), log, isAway });
  void caches.tidy();
  void downloads.tidy();
  parts.sweep().catch((error: unknown) => failed('leftovers cannot be removed', error));
  watch.start();
  health.start();
  reaper.start();
  dispatcher.start();
  deadlines.start();
  retention.start();
  replicaLogs.start();
  collector.start();
  log('info', `${config.name} is ready`);
  // Node writes what it compiled when a process leaves by itself, and this one is killed sooner or later: its next start is to be quick.
  flushCompileCache();
}

/** To branches that moved without their run. */
async function giveRuns(house: House): Promise<void> {
  const found = await reconcilePushes(house, (repository, error) =>
    log('error', `the branches of ${repository} cannot be read`, error),
  );
  if (found.length > 0) log('info', `${found.length} pushed branches had no run yet: started`);
}

/** Tries until the database is there; what it refuses for good goes up. */
async function untilDatabase<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAway(error)) throw error;
      await sleep(200);
    }
  }
}

main().catch((error: unknown) => {
  if (isAway(error)) fatal('database away', error);
  log('error', 'the server could not start', error);
  process.exit(1);
});
