import { isCode, TowpathError } from '@towpath/contract';
import type { ProcessState } from '@towpath/contract/supervisor';
import { asStale, type Claim } from '../../domain/claim.ts';
import type {
  DesiredProcess,
  DesiredTarget,
  ListedReplica,
  ObservedReplica,
  Ownership,
  Platform,
  PlatformCapabilities,
} from '../platform.ts';
import { listedReplica, parseReplicaId, planReplicas, type ReplicaName, replicaId } from '../replicas.ts';
import { isStillborn, knownReplica, observedReplica } from './observed.ts';
import { freePorts, type PortRange } from './ports.ts';
import type { SupervisorPort } from './supervisor.ts';

interface Start {
  readonly name: ReplicaName;
  readonly process: DesiredProcess;
}

/** So often a replica whose port turned out to be taken gets another one before apply gives up. */
const mostPorts = 5;

/**
 * Runs replicas as services of the supervisor, on this machine. The supervisor is all that it remembers: what an apply that was killed
 * left undone, the next one finds missing.
 */
export class ProcessPlatform implements Platform {
  readonly #supervisor: SupervisorPort;
  readonly #range: PortRange;
  /** Ports that were chosen and that the supervisor may not list yet. */
  readonly #chosen = new Set<number>();
  readonly #random: () => number;
  #choosing = Promise.resolve();

  constructor(supervisor: SupervisorPort, range: PortRange, random = Math.random) {
    this.#supervisor = supervisor;
    this.#range = range;
    this.#random = random;
  }

  capabilities(): PlatformCapabilities {
    return { shifting: 'router', artifacts: ['bundle'] };
  }

  async apply(desired: DesiredTarget, claim: Claim): Promise<void> {
    const { target } = desired;
    await guarded(claim, async () => {
      await this.#supervisor.fence(target, claim.epoch);
      const known = (await this.#supervisor.list(target)).map(knownReplica).filter((replica) => replica !== null);
      const plan = planReplicas(desired, known);
      await settled([
        ...plan.stop.map((name) => this.#stop(name, claim)),
        ...plan.forget.map((name) => this.#forget(name, claim)),
        this.#start(plan.start, claim),
      ]);
    });
  }

  async observe(target: string): Promise<ObservedReplica[]> {
    const listed = await this.#supervisor.list(target);
    const states = await Promise.all(listed.map((state) => this.#withPorts(state)));
    return states.map((state) => state && observedReplica(state)).filter((replica) => replica !== null);
  }

  async observeAll(): Promise<ReadonlyMap<string, ObservedReplica[]>> {
    const states = await this.#supervisor.list('target/');
    return Map.groupBy(
      states.flatMap((state) => observedReplica(state) ?? []),
      ({ id }) => parseReplicaId(id)?.target ?? '',
    );
  }

  async list(): Promise<ListedReplica[]> {
    const names = (await this.#supervisor.list('target/')).map(({ key }) => parseReplicaId(key));
    return names.flatMap((name) => (name === null ? [] : [listedReplica(name)]));
  }

  async owns(replica: string, connection: { port: number; localPort?: number }): Promise<Ownership> {
    const answer = await known(this.#supervisor.ownerCheck({ key: replica, ...connection }));
    if (answer === null) return { belongs: false, other: null };
    const { belongs, other } = answer;
    if (other === null) return { belongs, other };
    const key =
      other.key === null ? '' : `${parseReplicaId(other.key) === null ? 'process' : 'replica'} ${other.key}, `;
    return { belongs, other: `${key}pid ${other.pid} (${other.command})` };
  }

  async *logs(
    replica: string,
    offset: number,
    options: { follow?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    try {
      yield* this.#supervisor.logs(replica, offset, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isCode(error, 'unknown_process')) throw error;
    }
  }

  async remove(target: string, claim: Claim): Promise<void> {
    await guarded(claim, async () => {
      await this.#supervisor.fence(target, claim.epoch);
      const keys = (await this.#supervisor.list(target)).map(({ key }) => key);
      await settled(
        keys.map(async (key) => {
          await known(this.#supervisor.stop(key, claim.epoch));
          await known(this.#supervisor.wait(key));
          await known(this.#supervisor.forget(key, claim.epoch));
        }),
      );
    });
  }

  async #stop(name: ReplicaName, claim: Claim): Promise<void> {
    // How long it may take was told when it was started: by now the wish may no longer contain it.
    await known(this.#supervisor.stop(replicaId(name), claim.epoch));
  }

  async #forget(name: ReplicaName, claim: Claim): Promise<void> {
    await known(this.#supervisor.forget(replicaId(name), claim.epoch));
  }

  /** Starts them all, each that takes requests on a port of its own. */
  async #start(starts: readonly Start[], claim: Claim): Promise<void> {
    let missing = starts;
    for (let round = 0; missing.length > 0; round += 1) {
      if (round === mostPorts)
        throw new TowpathError(
          'no_port',
          `${missing.length} replicas met somebody else on ${mostPorts} ports in a row`,
        );
      missing = await this.#startOnce(missing, claim);
    }
  }

  /** Returns those to be started on another port: theirs was taken meanwhile. */
  async #startOnce(starts: readonly Start[], claim: Claim): Promise<Start[]> {
    const ports = await this.#choosePorts(starts.filter(takesRequests).length);
    try {
      const left = [...ports];
      const missing = await settled(
        starts.map((start) => this.#put(start, takesRequests(start) ? (left.shift() ?? 0) : null, claim)),
      );
      return missing.filter((start) => start !== null);
    } finally {
      for (const port of ports) this.#chosen.delete(port);
    }
  }

  /** One choice at a time, so that this driver at least never chooses a port twice. */
  async #choosePorts(count: number): Promise<number[]> {
    if (count === 0) return [];
    const before = this.#choosing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#choosing = promise;
    await before;
    try {
      const taken = new Set([...this.#chosen, ...(await this.#portsInUse())]);
      const ports = await freePorts(this.#range, count, taken, this.#random);
      for (const port of ports) this.#chosen.add(port);
      return ports;
    } finally {
      resolve();
    }
  }

  /** Null when it is there; else what is to be started on another port in its place. */
  async #put(start: Start, port: number | null, claim: Claim): Promise<Start | null> {
    const { name, process } = start;
    const { argv, cwd, env, drainMs } = process;
    const service = { mode: 'service', owner: name.target, graceMs: drainMs, cwd } as const;
    const slot = port === null ? { env: { ...env } } : { port, env: { ...env, PORT: String(port) } };
    const spec = { ...service, ...slot, argv: [...argv] };
    try {
      const state = await this.#supervisor.start(replicaId(name), claim.epoch, spec);
      if (!isStillborn(state)) return null;
    } catch (error) {
      // Another server was faster: the replica is there, on the port that this one chose.
      if (isCode(error, 'spec_differs')) return null;
      // Another server has put a replica of its own on the port; nothing was started.
      if (isCode(error, 'port_taken')) return start;
      throw error;
    }
    // A stranger listens there. A key keeps its port: it takes a new life to get another one.
    await this.#stop(name, claim);
    return { process, name: { ...name, life: name.life + 1 } };
  }

  /** The port of every process of any target that has not ended. */
  async #portsInUse(): Promise<number[]> {
    const states = (await this.#supervisor.list('target/')).filter((state) => state.endedAt === null);
    return states.map(({ port }) => port).filter((port) => port !== null);
  }

  /** Only when one process is asked for, its ports are looked up; null when it was forgotten meanwhile. */
  async #withPorts(state: ProcessState): Promise<ProcessState | null> {
    const runs = state.phase === 'running' || state.phase === 'stopping';
    return runs ? await known(this.#supervisor.get(state.key)) : state;
  }
}

const takesRequests = ({ process }: Start): boolean => process.type === 'http';

async function guarded(claim: Claim, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw asStale(error, claim);
  }
}

/** Waits for all of them, then throws what the first one threw: one that can't be started keeps no other from being stopped. */
async function settled<T>(actions: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(actions);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
}

/** Null when the process is unknown, which is what a stop or a forget wants. */
async function known<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isCode(error, 'unknown_process')) return null;
    throw error;
  }
}
