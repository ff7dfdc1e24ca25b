import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsLayer, type Status } from '@towpath/contract';
import { openBundles } from '../../artifacts/bundles.ts';
import { openCaches } from '../../artifacts/caches/caches.ts';
import { type Downloads, openDownloads } from '../../artifacts/caches/downloads.ts';
import { viewFolder } from '../../artifacts/file-view.ts';
import { entered, givenLayers } from '../../domain/path/given.ts';
import { planPath, stageName } from '../../domain/path/plan.ts';
import { ServiceSettings } from '../../domain/path/settings.ts';
import { Bell } from '../../engine/bell.ts';
import { Semaphore } from '../../engine/semaphore.ts';
import { Crash, Fuse, Memory } from '../../engine/testing/memory.ts';
import type { Executor } from '../../executors/executor.ts';
import { FakeExecutor } from '../../executors/fake/executor.ts';
import { FakeToolchains } from '../../executors/fake/toolchains.ts';
import { Logs } from '../../logs/logs.ts';
import type { SourceFile } from '../../sources/conformance-scene.ts';
import { FakeSource } from '../../sources/fake/source.ts';
import { attemptsOf } from '../../store/attempts.ts';
import { openChanges } from '../../store/changes.ts';
import { connect, type Db } from '../../store/connect.ts';
import { endDeployment, insertDeployment, openDeployments } from '../../store/deployments.ts';
import { environmentsOf } from '../../store/environments.ts';
import { eventsAfter } from '../../store/events.ts';
import { insertRelease } from '../../store/releases.ts';
import { insertRun, type RunRow, runById, stagesOf, updateRun } from '../../store/runs.ts';
import {
  branchOf,
  ensureProject,
  insertService,
  insertTarget,
  repositoryOf,
  type ServiceRow,
} from '../../store/services.ts';
import { type Target, targetById, targetOf } from '../../store/targets.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { removeTree } from '../../tree.ts';
import type { RunHouse } from '../house.ts';
import { runWorkflow } from '../workflow.ts';

/** Runs of services of one project, through the real workflow, with fake drivers. */
export class RunWorld {
  readonly executor = new FakeExecutor();
  readonly toolchains = new FakeToolchains();
  readonly source = new FakeSource();
  readonly house: RunHouse;
  readonly downloads: Downloads;
  /** How deployments to an environment end. */
  deploys: (environment: string) => Status = () => 'succeeded';
  /** What the dependency cache had to log. */
  readonly cacheTroubles: string[] = [];
  readonly #end: () => Promise<void>;
  #fuse = new Fuse();

  private constructor(db: Db, changes: RunHouse['changes'], folder: string, end: () => Promise<void>) {
    this.#end = end;
    const through = <T>(action: () => Promise<T>): Promise<T> => this.#fuse.call(action);
    const bundles = openBundles(folder);
    const caches = openCaches({
      dataDir: folder,
      bounds: { bytes: 1e9, idleMs: 1e9 },
      env: {},
      log: (message, error) => this.cacheTroubles.push(`${message}: ${String(error)}`),
      toolchain: async (_folder, { own }) => JSON.stringify(own),
    });
    this.downloads = openDownloads({
      dataDir: folder,
      bounds: { bytes: 1e9, idleMs: 1e9 },
      env: {},
      // Measuring hundreds of small scopes would take longer than the runs.
      measureMs: Number.POSITIVE_INFINITY,
      log: (message, error) => this.cacheTroubles.push(`${message}: ${String(error)}`),
    });
    const workspaces = join(folder, 'workspaces');
    mkdirSync(workspaces);
    this.house = {
      db,
      changes,
      executor: fusedExecutor(this.executor, through),
      logs: new Logs({ db, changes, limits: { mostBytes: 1_000_000, tailBytes: 1_000 } }),
      toolchains: this.toolchains,
      source: {
        prepare: (repository) => this.source.prepare(repository),
        head: (repository, branch) => this.source.head(repository, branch),
        branches: (repository) => this.source.branches(repository),
        describe: (repository, commit, files) => this.source.describe(repository, commit, files),
        changed: (repository, before, after) => this.source.changed(repository, before, after),
        resolve: (repository, name) => this.source.resolve(repository, name),
        checkout: (repository, commit, place) => through(() => this.source.checkout(repository, commit, place)),
      },
      bundles: {
        ...bundles,
        sealed: (place) => through(() => bundles.sealed(place)),
        seal: (place) => through(() => bundles.seal(place)),
        remove: (location) => through(() => bundles.remove(location)),
      },
      caches: {
        ...caches,
        restore: (...wish) => through(() => caches.restore(...wish)),
        save: (...wish) => through(() => caches.save(...wish)),
      },
      downloads: {
        ...this.downloads,
        open: (...wish) => through(() => this.downloads.open(...wish)),
        close: (...wish) => through(() => this.downloads.close(...wish)),
      },
      slots: new Semaphore(4),
      workspaces,
      baseEnv: {},
      view: viewFolder,
      requestRelease: (tx, wish) => through(() => requestRelease(tx, wish)),
    };
  }

  static async open(): Promise<RunWorld> {
    const url = await testDatabase();
    const { db, close } = connect(url, { name: 'runs' });
    const changes = openChanges(url, { name: 'runs changes' });
    const folder = mkdtempSync(join(tmpdir(), 'towpath-runs-'));
    const bell = new Bell(() => world.#endDeployments());
    const unlisten = changes.on('deployment', () => bell.ring());
    const world = new RunWorld(db, changes, folder, async () => {
      unlisten();
      await bell.quiet();
      await changes.close();
      await close();
      await removeTree(folder);
    });
    return world;
  }

  close(): Promise<void> {
    return this.#end();
  }

  async service(settings: object = { start: 'serve' }): Promise<ServiceRow> {
    const { db } = this.house;
    const projectId = await ensureProject(db, 'shop');
    const name = `s-${randomUUID().slice(0, 8)}`;
    const given = { projectId, project: 'shop', name, settings: SettingsLayer.parse(settings) };
    const service = await insertService(db, given);
    if (service === null) throw new Error('the service was not made');
    for (const environment of await environmentsOf(db, projectId)) {
      await insertTarget(db, service.id, environment, `${name}-${environment.name}.localhost`);
    }
    return service;
  }

  target(service: ServiceRow, environment: string): Promise<Target> {
    return targetOf(this.house.db, service, environment);
  }

  /** A commit, and the run that a push of it gives: queued. */
  async push(
    service: ServiceRow,
    files: Readonly<Record<string, SourceFile>> = { 'a.txt': 'a' },
    branch = 'main',
  ): Promise<RunRow> {
    const { db } = this.house;
    const commit = this.source.push(repositoryOf(service), { branch, message: randomUUID(), files });
    const layers = givenLayers({
      project: { name: 'shop', settings: {} },
      service: service.settings,
      file: null,
    });
    const bound = (await environmentsOf(db, service.projectId)).filter((each) => branchOf(each, service) === branch);
    const plan = planPath(bound.map((each) => entered(each, layers)));
    const serviceId = service.id;
    const settings = ServiceSettings.parse(service.settings);
    const told = { message: 'a change', author: 'Ann', trigger: 'push' as const, requestedBy: 'ada' };
    return insertRun(db, { serviceId, branch, commit, settings, layers, ...told }, plan);
  }

  /** Walks the run's segment to its end, again after its crash: before, between and after the stages, or around the calls of the drivers. */
  async walk(run: Pick<RunRow, 'id'>, fuse = new Fuse(), where: 'stages' | 'calls' = 'stages'): Promise<RunRow> {
    const { db } = this.house;
    const { segment } = await runById(db, run.id);
    if (where === 'calls') this.#fuse = fuse;
    const memory = new Memory(where === 'stages' ? fuse : new Fuse());
    const body = runWorkflow(this.house);
    for (;;) {
      try {
        await body(memory.context(`run/${run.id}/${segment}`), { run: run.id, segment });
        if (where === 'stages') fuse.pass();
        return await runById(db, run.id);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  /** The same for a queued run, as the lane lets it begin. */
  async begin(run: RunRow, fuse?: Fuse, where?: 'stages' | 'calls'): Promise<RunRow> {
    await updateRun(this.house.db, run.id, { status: 'running', reason: null, startedAt: new Date() });
    return this.walk(run, fuse, where);
  }

  /** All that is recorded of a run, without what differs from run to run: ids and times. */
  async record(id: number): Promise<unknown> {
    const { db } = this.house;
    const { status, reason, deadline, segment, cancelledBy, supersededBy, artifactDigest, endedAt } = await runById(
      db,
      id,
    );
    const stages = await stagesOf(db, id);
    const attempts = await attemptsOf(db, id);
    const events = await eventsAfter(db, 0, { subject: `run/${id}`, limit: 1_000 });
    const record = {
      run: { status, reason, segment, cancelledBy, waits: deadline !== null, ended: endedAt !== null },
      superseded: supersededBy !== null,
      built: artifactDigest !== null,
      stages: stages.map((each) => ({
        name: stageName(each.plan),
        status: each.status,
        reason: each.reason,
        attempt: each.attempt,
        waits: each.deadline !== null,
        begun: each.startedAt !== null,
        ended: each.endedAt !== null,
        deployed: each.deploymentId !== null,
      })),
      attempts: attempts.map((each) => ({
        key: each.key,
        status: each.status,
        reason: each.reason,
        exitCode: each.exitCode,
        ended: each.endedAt !== null,
      })),
      events: events.map((event) => event.name),
      commands: [...this.executor.machine.commands.keys()].filter((key) => key.startsWith(`${id}:`)),
      workspaces: readdirSync(this.house.workspaces).filter((name) => name.startsWith(`${id}-`)),
    };
    // Numbers of runs and names of services.
    const differing = new RegExp(`\\b${id}([:-])|#\\d+|(approve) \\d+|s-[0-9a-f]{8}`, 'g');
    return JSON.parse(JSON.stringify(record).replaceAll(differing, '$1$2#'));
  }

  async #endDeployments(): Promise<void> {
    const { db } = this.house;
    for (const row of await openDeployments(db)) {
      const { environment } = await targetById(db, row.targetId);
      const status = row.cancelledBy === null ? this.deploys(environment.name) : 'cancelled';
      if (status === 'running') continue;
      const reason = status === 'succeeded' ? null : `${status} on purpose`;
      await endDeployment(db, row.id, { status, reason });
    }
  }
}

async function requestRelease(...[tx, wish]: Parameters<RunHouse['requestRelease']>) {
  const { target, artifactDigest, commit, runId, requestedBy, config } = wish;
  const release = await insertRelease(tx, {
    targetId: target.row.id,
    artifactDigest,
    commit,
    config: { ...config, variables: {} },
    sealed: Buffer.alloc(0),
    cause: 'run',
    runId,
    createdBy: requestedBy,
  });
  return insertDeployment(tx, {
    targetId: target.row.id,
    releaseId: release.id,
    runId,
    cause: 'run',
    priority: 0,
    strategy: 'all-at-once',
    plan: [],
    requestedBy,
  });
}

function fusedExecutor(executor: FakeExecutor, through: <T>(action: () => Promise<T>) => Promise<T>): Executor {
  return {
    submit: (key, command, claim) => through(() => executor.submit(key, command, claim)),
    observe: (key, options) => through(() => executor.observe(key, options)),
    cancel: (key, graceMs, claim) => through(() => executor.cancel(key, graceMs, claim)),
    logs: (key, offset, options) => executor.logs(key, offset, options),
    list: (scope) => executor.list(scope),
    forget: (key, claim) => executor.forget(key, claim),
  };
}
