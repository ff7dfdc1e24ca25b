import type { Claim } from '../../domain/claim.ts';
import type {
  DesiredTarget,
  ListedReplica,
  ObservedReplica,
  Ownership,
  Platform,
  PlatformCapabilities,
} from '../platform.ts';
import { listedReplica, planReplicas, replicaId } from '../replicas.ts';
import { FakeCluster } from './cluster.ts';
import type { VirtualReplica } from './replica.ts';

/** Runs releases in memory, with everything that can go wrong behind the cluster's knobs. */
export class FakePlatform implements Platform {
  readonly cluster: FakeCluster;

  constructor(cluster = new FakeCluster()) {
    this.cluster = cluster;
  }

  capabilities(): PlatformCapabilities {
    return { shifting: 'router', artifacts: ['bundle'] };
  }

  async apply(desired: DesiredTarget, claim: Claim): Promise<void> {
    await this.cluster.faults.call(() => {
      this.cluster.fence.pass(claim);
      if (this.cluster.knobs.refuses !== null) throw this.cluster.knobs.refuses;
      const known = this.#of(desired.target).map(({ name, phase, endedAt }) => ({
        name,
        phase,
        endedAt,
        stillborn: false,
      }));
      const plan = planReplicas(desired, known);
      for (const name of plan.stop) this.#stop(replicaId(name));
      for (const { name, process } of plan.start) this.cluster.start(name, process);
      for (const name of plan.forget) this.cluster.replicas.delete(replicaId(name));
    });
  }

  async observeAll(): Promise<ReadonlyMap<string, ObservedReplica[]>> {
    const targets = new Set([...this.cluster.replicas.values()].map(({ name }) => name.target));
    return new Map(await Promise.all([...targets].map(async (each) => [each, await this.observe(each)] as const)));
  }

  async observe(target: string): Promise<ObservedReplica[]> {
    return await this.cluster.faults.call(() =>
      this.#of(target).map((replica) => ({
        id: replicaId(replica.name),
        release: replica.name.release,
        type: replica.name.type,
        process: replica.name.process,
        index: replica.name.index,
        phase: replica.phase,
        address: replica.name.type === 'http' ? { host: '127.0.0.1', port: replica.port } : null,
        restarts: replica.restarts,
        reason: replica.reason,
        lastEnd: replica.lastEnd,
        listens: replica.listens,
      })),
    );
  }

  async list(): Promise<ListedReplica[]> {
    return await this.cluster.faults.call(() =>
      [...this.cluster.replicas.values()].map(({ name }) => listedReplica(name)),
    );
  }

  async owns(replica: string, connection: { port: number; localPort?: number }): Promise<Ownership> {
    return await this.cluster.faults.call(() => {
      const listener = this.cluster.listener(connection.port);
      if (listener === null) return { belongs: false, other: null };
      const id = replicaId(listener.name);
      return id === replica ? { belongs: true, other: null } : { belongs: false, other: `replica ${id}` };
    });
  }

  async *logs(
    replica: string,
    offset: number,
    options: { follow?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    const found = await this.cluster.faults.call(() => this.cluster.replicas.get(replica));
    if (found !== undefined) yield* found.logs(offset, options.follow ?? false, options.signal);
  }

  async remove(target: string, claim: Claim): Promise<void> {
    await this.cluster.faults.call(async () => {
      this.cluster.fence.pass(claim);
      if (this.cluster.knobs.refusesRemoval !== null) throw this.cluster.knobs.refusesRemoval;
      const replicas = this.#of(target);
      for (const replica of replicas) this.#stop(replicaId(replica.name));
      await Promise.all(replicas.map((replica) => replica.ended()));
      for (const replica of replicas) this.cluster.replicas.delete(replicaId(replica.name));
    });
  }

  #of(target: string): VirtualReplica[] {
    return [...this.cluster.replicas.values()].filter(({ name }) => name.target === target);
  }

  #stop(id: string): void {
    const replica = this.cluster.replicas.get(id);
    replica?.stop(replica.process.drainMs);
  }
}
