import type { DesiredProcess, DesiredTarget, ListedReplica, ObservedReplica, ReplicaType } from './platform.ts';

/** The place of a replica in its target. A place has one replica at a time; after an end the next one gets the next life. */
export interface ReplicaName {
  readonly target: string;
  readonly release: string;
  readonly type: ReplicaType;
  readonly process: string;
  readonly index: number;
  /** 1 for the first replica of its place. */
  readonly life: number;
}

/** What a platform has now, as far as the plan needs it. */
export interface KnownReplica {
  readonly name: ReplicaName;
  readonly phase: ObservedReplica['phase'];
  /** It never ran and won't as it is, so that it may be given up for a new one. */
  readonly stillborn: boolean;
  /** Milliseconds since 1970; null while it has not ended. */
  readonly endedAt: number | null;
}

export interface ReplicaPlan {
  readonly start: readonly { readonly name: ReplicaName; readonly process: DesiredProcess }[];
  readonly stop: readonly ReplicaName[];
  readonly forget: readonly ReplicaName[];
}

/** Ended replicas that a target keeps, so that their logs can be read. */
export const keptEnded = 10;

/**
 * `target/7:12:http:0.1`, `target/7:12:worker/mailer:0.1`: the second part is the release, the last one index and life. A release has
 * one http process, so that its name is left out: the ids of before there were workers stay what they are.
 */
export function replicaId({ target, release, type, process, index, life }: ReplicaName): string {
  return `${target}:${release}:${type === 'http' ? type : `${type}/${process}`}:${index}.${life}`;
}

export function listedReplica(name: ReplicaName): ListedReplica {
  return { id: replicaId(name), target: name.target, release: name.release };
}

/** The name behind an id; null when it is not a replica's. */
export function parseReplicaId(id: string): ReplicaName | null {
  const match = /^([^:]+):([^:]+):(?:http|worker\/([a-z0-9-]+)):(\d{1,9})\.(\d{1,9})$/.exec(id);
  const [, target, release, worker, index, life] = match ?? [];
  if (target === undefined || release === undefined) return null;
  const type = worker === undefined ? 'http' : 'worker';
  return { target, release, type, process: worker ?? 'http', index: Number(index), life: Number(life) };
}

/** What brings a target from what is known of it to what is desired. Pure; the same wish on its result gives an empty plan. */
export function planReplicas(desired: DesiredTarget, known: readonly KnownReplica[]): ReplicaPlan {
  const start: { name: ReplicaName; process: DesiredProcess }[] = [];
  const kept = new Set<KnownReplica>();
  const { target } = desired;
  for (const { release, processes } of desired.releases)
    for (const process of processes)
      for (let index = 0; index < process.replicas; index += 1) {
        const place = known.filter(({ name }) => isPlace(name, release, process, index));
        const lasting = place
          .filter((replica) => isUp(replica) && !replica.stillborn)
          .sort(byLife)
          .at(-1);
        if (lasting !== undefined) kept.add(lasting);
        const life = Math.max(0, ...place.map(({ name }) => name.life)) + 1;
        if (lasting === undefined)
          start.push({ name: { target, release, type: process.type, process: process.name, index, life }, process });
      }
  const ended = known.filter(({ phase }) => phase === 'stopped');
  return {
    start,
    stop: known.filter((replica) => isUp(replica) && !kept.has(replica)).map(({ name }) => name),
    forget: ended
      .sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
      .slice(keptEnded)
      .map(({ name }) => name),
  };
}

function isPlace(name: ReplicaName, release: string, process: DesiredProcess, index: number): boolean {
  const same = name.release === release && name.index === index && name.type === process.type;
  return same && (name.type === 'http' || name.process === process.name);
}

function isUp({ phase }: KnownReplica): boolean {
  return phase !== 'stopping' && phase !== 'stopped';
}

function byLife(a: KnownReplica, b: KnownReplica): number {
  return a.name.life - b.name.life;
}
