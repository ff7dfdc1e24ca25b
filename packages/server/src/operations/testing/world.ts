import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunDetail, SettingsLayer, Status } from '@towpath/contract';
import { openBundles } from '../../artifacts/bundles.ts';
import { openCaches } from '../../artifacts/caches/caches.ts';
import { openDownloads } from '../../artifacts/caches/downloads.ts';
import { keptFolder } from '../../artifacts/data.ts';
import { viewFolder } from '../../artifacts/file-view.ts';
import { openParts } from '../../artifacts/parts.ts';
import { Dispatcher } from '../../engine/dispatcher.ts';
import { Semaphore } from '../../engine/semaphore.ts';
import { LocalEngine } from '../../engine/testing/local-engine.ts';
import { FakeExecutor } from '../../executors/fake/executor.ts';
import { FakeToolchains } from '../../executors/fake/toolchains.ts';
import { Logs } from '../../logs/logs.ts';
import { FakePlatform } from '../../platforms/fake/platform.ts';
import type { RolloutHouse } from '../../rollouts/house.ts';
import { jobLane } from '../../rollouts/jobs/lane.ts';
import { jobWorkflow } from '../../rollouts/jobs/workflow.ts';
import { deploymentLane } from '../../rollouts/lane.ts';
import { Publisher } from '../../rollouts/publisher.ts';
import { requestRelease } from '../../rollouts/request.ts';
import { deploymentWorkflow } from '../../rollouts/workflow.ts';
import { runLane } from '../../runs/lane.ts';
import { runWorkflow } from '../../runs/workflow.ts';
import { createSealer } from '../../secrets/seal.ts';
import { FakeSource } from '../../sources/fake/source.ts';
import { isAway } from '../../store/away.ts';
import { openChanges, type Topic } from '../../store/changes.ts';
import { connect } from '../../store/connect.ts';
import { openDeployments } from '../../store/deployments.ts';
import { openEventTail } from '../../store/event-tail.ts';
import { eventsAfter } from '../../store/events.ts';
import { admissibleRuns, runById } from '../../store/runs.ts';
import { findService } from '../../store/services.ts';
import { type Target, targetOf } from '../../store/targets.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { FakeTraffic } from '../../traffic/fake/traffic.ts';
import { removeTree } from '../../tree.ts';
import { approve } from '../approve.ts';
import { createService } from '../create-service.ts';
import type { Actor, House } from '../house.ts';
import { push } from '../push.ts';
import { runDetail } from '../show/run.ts';
import { testConfig } from './config.ts';

export const ada: Actor = { name: 'ada', role: 'owner' };
export const bob: Actor = { name: 'bob', role: 'owner' };

/** A whole server without HTTP: real operations, workflows and PostgreSQL; fake drivers; the dispatcher runs while `work` says so. */
export class World {
  readonly house: House & {
    readonly source: FakeSource;
    readonly executor: FakeExecutor;
    readonly toolchains: FakeToolchains;
    readonly platform: FakePlatform;
    readonly router: FakeTraffic;
  };
  readonly engine = new LocalEngine();
  readonly #dispatcher: Dispatcher<Topic>;
  readonly #end: () => Promise<void>;
  #working = false;

  private constructor(house: World['house'], end: () => Promise<void>) {
    this.house = house;
    this.#end = end;
    const { db, changes, platform, router, secrets, executor, logs, toolchains, source } = house;
    const { dataDir } = house.config;
    const bundles = openBundles(dataDir);
    const kept = { dataDir, bounds: { bytes: 0, idleMs: 0 }, env: {}, log: () => {} };
    const caches = openCaches(kept);
    const downloads = openDownloads({ ...kept, measureMs: Number.POSITIVE_INFINITY });
    const requested: Parameters<typeof runWorkflow>[0]['requestRelease'] = async (tx, wish) =>
      (await requestRelease(tx, secrets, { ...wish, cause: 'run' })).deployment;
    this.engine.define(
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
        slots: new Semaphore(4),
        workspaces: join(dataDir, 'workspaces'),
        baseEnv: {},
        view: viewFolder,
        requestRelease: requested,
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
      publisher: new Publisher(db, router),
      secrets,
      artifactFolder: (location) => bundles.folder(location),
      dataFolder: (service, environment) => keptFolder(house.config.dataDir, service, environment),
      serveFolder: () => ['fake'],
      baseEnv: {},
      domain: 'localhost',
      steadyMs: 50,
    };
    this.engine.define('deployment', deploymentWorkflow(rollouts));
    this.engine.define('job', jobWorkflow(rollouts));
    this.#dispatcher = new Dispatcher({
      lanes: [runLane(db, this.engine, 200), deploymentLane(db, this.engine), jobLane(db, this.engine)],
      changes,
      log: (level, message, error) => {
        if (level === 'error') this.engine.defects.push(error ?? message);
      },
      isAway,
      intervalMs: 200,
    });
  }

  static async open(): Promise<World> {
    const url = await testDatabase();
    const dataDir = mkdtempSync(join(tmpdir(), 'towpath-operations-'));
    const { db, close } = connect(url, { name: 'operations' });
    const changes = openChanges(url, { name: 'operations changes' });
    const platform = new FakePlatform();
    const router = new FakeTraffic();
    router.router.knobs.status = (address) => {
      const replica = [...platform.cluster.replicas.values()].find(
        (each) => 'port' in address && each.port === address.port,
      );
      return replica?.listens.includes(replica.port) ? 200 : null;
    };
    const config = testConfig({ dataDir, databaseUrl: url });
    const secrets = createSealer(randomBytes(32));
    const fakes = {
      source: new FakeSource(),
      executor: new FakeExecutor(),
      toolchains: new FakeToolchains(),
      platform,
      router,
    };
    const end = async () => {
      await changes.close();
      await close();
      await removeTree(dataDir);
    };
    const parts = openParts(join(dataDir, 'workspaces', 'looks'));
    const events = openEventTail(db, changes);
    const logs = new Logs({ db, changes, limits: config.logs });
    return new World({ db, changes, events, logs, config, secrets, parts, problems: () => [], ...fakes }, end);
  }

  /** Lets the dispatcher start what is queued, from now on. */
  work(): void {
    if (!this.#working) this.#dispatcher.start();
    this.#working = true;
  }

  /** Waits until nothing is on its way any more, then ends it all. Throws what a workflow threw. */
  async close(): Promise<void> {
    const { db, changes } = this.house;
    if (this.#working) {
      const idle = async () => {
        const going = (await admissibleRuns(db)).filter((run) => run.status !== 'waiting');
        return going.length + (await openDeployments(db)).length === 0 ? true : null;
      };
      await changes.until('run', null, idle, { pollMs: 200 });
      await this.#dispatcher.stop();
    }
    await this.engine.quiet();
    await this.#end();
    if (this.engine.defects.length > 0) throw this.engine.defects[0];
  }

  service(
    name = 'api',
    settings: SettingsLayer = { start: 'serve' },
    project = 'shop',
  ): ReturnType<typeof createService> {
    return createService(this.house, ada, { project, name, settings });
  }

  /** Somebody commits and pushes: the number of the run that it gives. */
  async push(text: string, branch = 'main', repository = 'shop/api'): Promise<number> {
    const commit = this.commit(text, branch, repository);
    const service = await findService(this.house.db, repository);
    const run = await push(this.house, ada, { service, branch, commit });
    if ('unwanted' in run) throw new Error(run.unwanted);
    return run.id;
  }

  /** A commit that is there without its run. */
  commit(text: string, branch = 'main', repository = 'shop/api'): string {
    return this.house.source.push(repository, { branch, message: text, files: { 'text.txt': text } });
  }

  /** The run, as soon as it has this status. Throws when it ended otherwise. */
  async until(run: number, status: Status): Promise<RunDetail> {
    const { db, changes } = this.house;
    this.work();
    const look = async () => {
      const row = await runById(db, run);
      return row.status === status || row.endedAt !== null ? row : null;
    };
    const row = await changes.until('run', run, look, { pollMs: 500 });
    if (row.status !== status) throw new Error(`run #${run} is ${row.status}, not ${status}: ${row.reason}`);
    return runDetail(db, run);
  }

  /** Pushes and approves: what is pushed gets live in staging and production. */
  async ship(text: string, repository = 'shop/api'): Promise<RunDetail> {
    const run = await this.push(text, 'main', repository);
    await this.until(run, 'waiting');
    await approve(this.house, ada, { run, approve: true });
    return this.until(run, 'succeeded');
  }

  async target(environment: string, repository = 'shop/api'): Promise<Target> {
    return targetOf(this.house.db, await findService(this.house.db, repository), environment);
  }

  /** Names of all events so far, with who did it: `run.queued by ada`. */
  async events(): Promise<string[]> {
    const rows = await eventsAfter(this.house.db, 0, { limit: 10_000 });
    return rows.map((row) => `${row.name} by ${row.actor}`);
  }
}
