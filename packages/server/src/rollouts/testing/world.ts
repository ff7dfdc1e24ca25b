import { randomBytes } from 'node:crypto';
import type { ReleaseCause } from '@towpath/contract';
import type { RouteTable } from '@towpath/contract/router';
import type { Claim } from '../../domain/claim.ts';
import type { ReleaseConfigInput } from '../../domain/release/config.ts';
import { releaseKey } from '../../domain/rollout/route.ts';
import { Crash, Fuse, Memory } from '../../engine/testing/memory.ts';
import { FakeExecutor } from '../../executors/fake/executor.ts';
import { FakeMachine } from '../../executors/fake/machine.ts';
import { FakeToolchains } from '../../executors/fake/toolchains.ts';
import { Logs } from '../../logs/logs.ts';
import { FakeCluster } from '../../platforms/fake/cluster.ts';
import { FakePlatform } from '../../platforms/fake/platform.ts';
import type { DesiredRelease, DesiredTarget } from '../../platforms/platform.ts';
import { createSealer } from '../../secrets/seal.ts';
import { openChanges } from '../../store/changes.ts';
import { connect, type Db, transaction } from '../../store/connect.ts';
import { type DeploymentRow, deploymentById, updateDeployment } from '../../store/deployments.ts';
import { environmentsOf } from '../../store/environments.ts';
import { keepArtifact, releaseById } from '../../store/releases.ts';
import { ensureProject, insertService, insertTarget } from '../../store/services.ts';
import { targetById, targetOf } from '../../store/targets.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { FakeRouter } from '../../traffic/fake/router.ts';
import { FakeTraffic } from '../../traffic/fake/traffic.ts';
import type { RolloutHouse } from '../house.ts';
import { Publisher } from '../publisher.ts';
import { requestDeployment, requestRelease } from '../request.ts';
import { deploymentWorkflow } from '../workflow.ts';

/** The rules that must hold at every moment, looked at before every change of platform and router. */
class Rules {
  readonly broken: string[] = [];
  readonly #router: FakeRouter;

  constructor(router: FakeRouter) {
    this.#router = router;
  }

  /** Replicas stop only after no router names them any more. */
  mayDrop(desired: DesiredTarget): void {
    const http = ({ processes }: DesiredRelease) => processes.find((each) => each.type === 'http')?.replicas ?? 0;
    const kept = new Map(desired.releases.map((each) => [each.release, http(each)]));
    for (const backend of this.#router.table?.routes.flatMap((route) => route.backends) ?? []) {
      const dropped = backend.replicas.length > (kept.get(backend.release) ?? 0);
      if (dropped) this.broken.push(`${backend.release} is dropped while the router names it`);
    }
  }

  /** Weights add up, and who has weight has a replica that answers. */
  mayServe(table: RouteTable): void {
    for (const route of table.routes) {
      const sum = route.backends.reduce((total, each) => total + each.weight, 0);
      if (sum !== 100 && sum !== 0) this.broken.push(`the weights add up to ${sum}`);
      for (const { release, weight, replicas } of route.backends) {
        const ready = replicas.some(({ address }) => this.#router.knobs.status(address, '/') === 200);
        if (weight > 0 && !ready) this.broken.push(`${release} has weight ${weight} and nobody ready`);
      }
    }
  }
}

class WatchedPlatform extends FakePlatform {
  readonly #rules: Rules;
  /** The process may die around each apply. */
  fuse = new Fuse();

  constructor(cluster: FakeCluster, rules: Rules) {
    super(cluster);
    this.#rules = rules;
  }

  override async apply(desired: DesiredTarget, claim: Claim): Promise<void> {
    await this.fuse.call(async () => {
      this.#rules.mayDrop(desired);
      await super.apply(desired, claim);
    });
  }

  override async remove(target: string, claim: Claim): Promise<void> {
    this.#rules.mayDrop({ target, releases: [] });
    await super.remove(target, claim);
  }
}

class WatchedTraffic extends FakeTraffic {
  readonly #rules: Rules;

  constructor(router: FakeRouter, rules: Rules) {
    super(router);
    this.#rules = rules;
  }

  override async apply(table: RouteTable, generation: number): Promise<void> {
    this.#rules.mayServe(table);
    await super.apply(table, generation);
  }
}

/** What a release has besides its http process. */
export type More = Partial<Omit<ReleaseConfigInput, 'variables'>>;

/** One target on a fake platform behind a fake router. */
export class RolloutWorld {
  readonly cluster: FakeCluster;
  /** Where release commands run. */
  readonly machine: FakeMachine;
  /** What releases were made to run with. */
  readonly toolchains: FakeToolchains;
  readonly platform: WatchedPlatform;
  /** Where data folders are: nowhere, unless a test says otherwise. */
  readonly folders: { of: RolloutHouse['dataFolder'] };
  readonly router: FakeRouter;
  readonly house: RolloutHouse;
  readonly broken: readonly string[];
  readonly close: () => Promise<void>;
  readonly #targetId: number;

  private constructor(
    parts: Pick<
      RolloutWorld,
      'cluster' | 'machine' | 'toolchains' | 'platform' | 'folders' | 'router' | 'house' | 'broken' | 'close'
    >,
    targetId: number,
  ) {
    this.cluster = parts.cluster;
    this.platform = parts.platform;
    this.folders = parts.folders;
    this.machine = parts.machine;
    this.toolchains = parts.toolchains;
    this.router = parts.router;
    this.house = parts.house;
    this.broken = parts.broken;
    this.close = parts.close;
    this.#targetId = targetId;
  }

  static async open(): Promise<RolloutWorld> {
    const url = await testDatabase();
    const { db, close } = connect(url, { name: 'rollouts' });
    const changes = openChanges(url, { name: 'rollouts changes' });
    const cluster = new FakeCluster();
    const machine = new FakeMachine();
    const toolchains = new FakeToolchains();
    const folders = { of: async (service: number, environment: number) => `/data/${service}/${environment}` };
    const router = new FakeRouter();
    router.knobs.status = (address) => {
      const replica = [...cluster.replicas.values()].find((each) => 'port' in address && each.port === address.port);
      return replica?.listens.includes(replica.port) ? 200 : null;
    };
    const rules = new Rules(router);
    const traffic = new WatchedTraffic(router, rules);
    const platform = new WatchedPlatform(cluster, rules);
    const house: RolloutHouse = {
      db,
      changes,
      platform,
      executor: new FakeExecutor(machine),
      logs: new Logs({ db, changes, limits: { mostBytes: 1_000_000, tailBytes: 1_000 } }),
      toolchains,
      router: traffic,
      publisher: new Publisher(db, traffic),
      secrets: createSealer(randomBytes(32)),
      artifactFolder: (location) => `/${location}`,
      dataFolder: (service, environment) => folders.of(service, environment),
      serveFolder: () => ['fake'],
      baseEnv: {},
      domain: 'localhost',
      steadyMs: 50,
    };
    const ended = async () => {
      await changes.close();
      await close();
    };
    return new RolloutWorld(
      { cluster, machine, toolchains, platform, folders, router, house, broken: rules.broken, close: ended },
      await makeTarget(db),
    );
  }

  /** Asks for a release, and lets its deployment begin as the dispatcher would. */
  async request(digest: string, startMs = 60_000, drainMs = 1_000, more: More = {}): Promise<DeploymentRow> {
    const queued = await this.queue(digest, 'run', startMs, drainMs, more);
    return this.begin(queued);
  }

  /** Asks for a release whose deployment waits for its turn. */
  async queue(
    digest: string,
    cause: ReleaseCause,
    startMs = 60_000,
    drainMs = 1_000,
    more: More = {},
  ): Promise<DeploymentRow> {
    const { db, secrets } = this.house;
    return transaction(db, async (tx) => {
      const target = await targetById(tx, this.#targetId);
      const commit = digest.padEnd(40, '0').slice(0, 40);
      await keepArtifact(tx, {
        digest,
        serviceId: target.service.id,
        kind: 'bundle',
        commit,
        location: digest,
        bytes: 1,
      });
      const { deployment } = await requestRelease(tx, secrets, {
        target,
        artifactDigest: digest,
        commit,
        cause,
        runId: null,
        requestedBy: 'ada',
        config: {
          start: { kind: 'command', command: digest },
          folder: '.',
          path: [],
          env: {},
          health: { path: '/', startMs },
          drainMs,
          ...more,
        },
      });
      return deployment;
    });
  }

  /** Asks to take away what is live, and lets that begin. */
  async teardown(): Promise<DeploymentRow> {
    const { db } = this.house;
    const target = await targetById(db, this.#targetId);
    const release = await releaseById(db, target.row.releaseId ?? 0);
    const asked = { target, release, cause: 'teardown' as const, runId: null, requestedBy: 'ada' };
    return this.begin(await requestDeployment(db, asked));
  }

  async begin({ id, targetId }: DeploymentRow): Promise<DeploymentRow> {
    const { row } = await targetById(this.house.db, targetId);
    const begun = { status: 'running' as const, startedAt: new Date(), fromReleaseId: row.releaseId };
    return updateDeployment(this.house.db, id, begun);
  }

  /** Runs the deployment's workflow to its end, again after its crash: at one of its steps, or at one of the platform's applies too. */
  async run(
    deployment: DeploymentRow,
    crashAt = -1,
    among: 'steps' | 'applies' = 'steps',
  ): Promise<{ row: DeploymentRow; crashed: boolean }> {
    const fuse = new Fuse(crashAt);
    this.platform.fuse = among === 'applies' ? fuse : new Fuse();
    const memory = new Memory(fuse);
    const body = deploymentWorkflow(this.house);
    for (;;) {
      try {
        await body(memory.context(`deployment/${deployment.id}`), { deployment: deployment.id });
        return { row: await deploymentById(this.house.db, deployment.id), crashed: fuse.burnt };
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  /** What is served, what runs, and what the record says of it. */
  async state(): Promise<{ live: string | null; routed: string[]; running: string[] }> {
    const { row } = await targetById(this.house.db, this.#targetId);
    const routed =
      this.router.table?.routes.flatMap((route) => route.backends.map((each) => `${each.release} ${each.weight}`)) ??
      [];
    const running = [...this.cluster.replicas.values()]
      .filter((each) => each.phase === 'running' || each.phase === 'starting' || each.phase === 'backoff')
      .map((each) => each.name.release);
    return { live: row.releaseId === null ? null : releaseKey(row.releaseId), routed, running };
  }
}

async function makeTarget(db: Db): Promise<number> {
  const projectId = await ensureProject(db, 'shop');
  const service = await insertService(db, { projectId, project: 'shop', name: 'api', settings: {} });
  if (service === null) throw new Error('the service was not made');
  for (const environment of await environmentsOf(db, projectId)) {
    await insertTarget(db, service.id, environment, `${environment.name}.localhost`);
  }
  return (await targetOf(db, service, 'production')).row.id;
}
