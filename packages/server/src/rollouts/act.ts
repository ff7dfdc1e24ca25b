import type { Probe, ProbeAnswer, ReplicaHealth } from '@towpath/contract/router';
import type { Claim } from '../domain/claim.ts';
import { ledgerText } from '../domain/rollout/ledger-text.ts';
import { interrupts } from '../domain/rollout/plan.ts';
import { hostNames, type RouteBackend, releaseId, releaseKey, type TargetRoute } from '../domain/rollout/route.ts';
import { patiently } from '../engine/patience.ts';
import { failpoint } from '../failpoints.ts';
import type { DesiredRelease, DesiredTarget, ObservedReplica, Ownership } from '../platforms/platform.ts';
import type { Db } from '../store/connect.ts';
import { type DeploymentRow, deploymentById, deploymentLogKey, writeLedger } from '../store/deployments.ts';
import { claim, guarded } from '../store/guard.ts';
import { noteInLog } from '../store/logs.ts';
import { artifactByDigest, type ReleaseRow, releaseById } from '../store/releases.ts';
import { saveRoute, type Target, targetById, targetName } from '../store/targets.ts';
import type { RouterHealth } from '../traffic/router.ts';
import { type Counts, desiredRelease, type ReleaseParts, targetScope, wholeCounts } from './desired.ts';
import type { RolloutHouse } from './house.ts';
import { releaseSecrets } from './release-secrets.ts';

/** The longest time between two looks at requests that are still open. */
const lookMs = 250;

/** One execution of a deployment: its claim on the target, and what the steps do to platform and routes under it. */
export class Act {
  readonly house: RolloutHouse;
  readonly claim: Claim;
  readonly deployment: DeploymentRow;
  readonly target: Target;
  readonly release: ReleaseRow;
  /** What serves until now, and where an abort goes back to; the same release when only the replicas change. */
  readonly old: ReleaseRow | null;

  private constructor(house: RolloutHouse, held: Claim, parts: Pick<Act, 'deployment' | 'target' | 'release' | 'old'>) {
    this.house = house;
    this.claim = held;
    this.deployment = parts.deployment;
    this.target = parts.target;
    this.release = parts.release;
    this.old = parts.old;
  }

  /** Takes the target over; from here on no earlier execution can change it. Null when the deployment has ended. */
  static async begin(house: RolloutHouse, deploymentId: number): Promise<Act | null> {
    const deployment = await deploymentById(house.db, deploymentId);
    if (deployment.endedAt !== null) return null;
    const held = await claim(house.db, 'target', deployment.targetId);
    failpoint('rollout.claimed');
    const target = await targetById(house.db, deployment.targetId);
    const release = await releaseById(house.db, deployment.releaseId);
    // Once the new release is live it is no longer told from the target's row who was before it: the deployment's row keeps it.
    const oldId = deployment.fromReleaseId;
    return new Act(house, held, {
      deployment,
      target,
      release,
      old: oldId === null ? null : await releaseById(house.db, oldId),
    });
  }

  /** How many replicas of http are wanted. */
  get replicas(): number {
    return wholeCounts(this.target, this.release.config).http;
  }

  /** Does the old release stop before the new one starts? */
  get interrupts(): boolean {
    return interrupts(this.deployment.plan);
  }

  /** Users have it already: an execution before this one promoted it. */
  get promoted(): boolean {
    return this.target.row.releaseId === this.release.id;
  }

  /** How many replicas a release has when it is live. */
  whole(release: ReleaseRow): Counts {
    return wholeCounts(this.target, release.config);
  }

  /** The old release, when it is another one. */
  get replaced(): ReleaseRow | null {
    return this.old !== null && this.old.id !== this.release.id ? this.old : null;
  }

  async desired(release: ReleaseRow, counts: Counts): Promise<DesiredRelease> {
    return desiredRelease(await partsOf(this.house, this.target, release), counts);
  }

  async apply(releases: readonly DesiredRelease[]): Promise<void> {
    const wish: DesiredTarget = { target: targetScope(this.target.row.id), releases };
    await patiently(() => this.house.platform.apply(wish, this.claim));
  }

  /** Stops and forgets all of the target; resolves when nothing of it is left. */
  async removeAll(): Promise<void> {
    await patiently(() => this.house.platform.remove(targetScope(this.target.row.id), this.claim));
  }

  /**
   * The same for a target whose earlier replicas may still be finishing requests, out of the routes: they are kept until they have. An
   * earlier deployment leaves them behind when a person is waiting.
   */
  async applyBesideOpen(releases: readonly DesiredRelease[]): Promise<void> {
    const open = new Set((await this.open(null)).replicas.map((each) => each.id));
    const wish = new Map(releases.map((each) => [each.release, each]));
    for (const { id, release, index } of await this.observe()) {
      const wanted = wish.get(release);
      if (!open.has(id) || index < replicasOf(wanted)) continue;
      const row = await releaseById(this.house.db, releaseId(release));
      wish.set(release, await this.desired(row, { http: index + 1, workers: workersIn(wanted) }));
    }
    await this.apply([...wish.values()]);
  }

  /** Replicas that are out of the routes and still have requests, now or after a revision of the router's. */
  async open(after: number | null): Promise<{ revision: number; replicas: ReplicaHealth[]; requests: number }> {
    const mine = new Set((await this.observe()).map((each) => each.id));
    const { revision, replicas } = await this.health(after, lookMs);
    const busy = replicas.filter((each) => each.draining && each.inFlight > 0 && mine.has(each.id));
    return { revision, replicas: busy, requests: busy.reduce((sum, each) => sum + each.inFlight, 0) };
  }

  observe(): Promise<ObservedReplica[]> {
    return patiently(() => this.house.platform.observe(targetScope(this.target.row.id)));
  }

  /** The replicas of a release that are up, as far as they take requests. */
  async httpReplicas(release: ReleaseRow): Promise<ObservedReplica[]> {
    const key = releaseKey(release.id);
    return (await this.observe()).filter((each) => each.release === key && each.type === 'http' && isUp(each));
  }

  owns(replica: string, port: number, localPort: number | null): Promise<Ownership> {
    return patiently(() => this.house.platform.owns(replica, localPort === null ? { port } : { port, localPort }));
  }

  /** What the router knows of replicas; after a revision, as soon as something changed or the time is over. */
  health(after: number | null, waitMs: number): Promise<RouterHealth> {
    return patiently(() => this.house.router.health(after === null ? {} : { after, waitMs }));
  }

  probe(probe: Probe): Promise<ProbeAnswer> {
    return patiently(() => this.house.router.probe(probe));
  }

  /** A release's part of the route, with the replicas that have an address. */
  backend(release: ReleaseRow, observed: readonly ObservedReplica[], weight: number): RouteBackend {
    return {
      release: release.id,
      version: release.version,
      weight,
      replicas: observed.flatMap((each) => (each.address === null ? [] : [{ id: each.id, address: each.address }])),
      health: { path: release.config.health.path, intervalMs: 2_000, timeoutMs: 2_000, failures: 3 },
    };
  }

  /** Decides the target's route and waits until all routers serve it. What has no http process is not routed. */
  async route(wanted: readonly RouteBackend[]): Promise<void> {
    const silent = [this.release, this.old].filter((each) => each?.config.start === null).map((each) => each?.id);
    const backends = wanted.filter((each) => !silent.includes(each.release));
    const { service, environment } = this.target;
    const names = hostNames(service.name, environment.name, this.house.domain);
    const route: TargetRoute = {
      name: targetName(this.target),
      hosts: [names.host],
      testHost: names.testHost,
      backends,
      drainMs: this.release.config.drainMs,
    };
    const generation = await this.write((tx) =>
      saveRoute(tx, this.target.row.id, backends.length === 0 ? null : route),
    );
    failpoint('rollout.saved');
    await this.house.publisher.acknowledged(generation);
    failpoint('rollout.routed');
  }

  /** A write that misses when another execution has taken the target over. */
  write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return guarded(this.house.db, this.claim, work);
  }

  async note(step: number, what: string, data: Record<string, unknown> = {}): Promise<void> {
    const seconds = (Date.now() - this.deployment.createdAt.getTime()) / 1000;
    await this.write(async (tx) => {
      await writeLedger(tx, this.deployment.id, step, what, data);
      await noteInLog(tx, deploymentLogKey(this.deployment), ledgerText(seconds, what, data));
    });
  }

  /** The part of the stored route that belongs to a release. */
  async routed(releaseId: number): Promise<RouteBackend | null> {
    const { row } = await targetById(this.house.db, this.target.row.id);
    return row.route?.backends.find((each) => each.release === releaseId) ?? null;
  }
}

/** All that a release's processes and commands are made of. Makes its data folder. */
export async function partsOf(
  house: Pick<RolloutHouse, 'db' | 'artifactFolder' | 'dataFolder' | 'secrets' | 'baseEnv' | 'serveFolder'>,
  target: Target,
  release: ReleaseRow,
): Promise<ReleaseParts> {
  const artifact = await artifactByDigest(house.db, release.artifactDigest);
  const keeps = release.config.data !== null;
  return {
    target,
    release,
    folder: house.artifactFolder(artifact.location),
    dataFolder: keeps ? await house.dataFolder(target.service.id, target.environment.id) : null,
    secrets: releaseSecrets(house.secrets, release),
    baseEnv: house.baseEnv,
    serveFolder: house.serveFolder,
  };
}

export const isUp = ({ phase }: ObservedReplica): boolean => phase !== 'stopping' && phase !== 'stopped';

const replicasOf = (desired: DesiredRelease | undefined): number =>
  desired?.processes.find((each) => each.type === 'http')?.replicas ?? 0;

const workersIn = (desired: DesiredRelease | undefined): Counts['workers'] =>
  Object.fromEntries(
    (desired?.processes ?? []).flatMap((each) => (each.type === 'worker' ? [[each.name, each.replicas] as const] : [])),
  );
