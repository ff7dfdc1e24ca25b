import type { ReplicaHealth, RouteTable, TableBackend, TableReplica, TableRoute } from '@towpath/contract/router';
import { type HealthRules, HealthWatch } from './health.ts';
import type { LiveBackend, LiveRoute } from './live.ts';
import type { Log } from './log.ts';
import { Replica } from './replica.ts';
import type { Tally } from './tally.ts';
import type { PoolLimits } from './upstream/pool.ts';

/** The longest time that a timer takes. */
const maxTimerMs = 2_147_483_647;

interface Member {
  readonly replica: Replica;
  watch: HealthWatch;
  drainMs: number;
  drainTimer: NodeJS.Timeout | null;
}

export interface FleetOptions {
  readonly limits: PoolLimits;
  readonly tally: (release: string) => Tally;
  /** Something that somebody may wait for has changed. */
  readonly changed: () => void;
  readonly log: Log;
  /** Take unanswered requests back from a replica that stops answering its health checks, while another one answers. */
  readonly takeBack: boolean;
}

/** The same process at the same place: anything else under a known id is another replica. */
function keyOf(release: string, { id, address }: TableReplica): string {
  return JSON.stringify([id, release, 'socket' in address ? address.socket : [address.host, address.port]]);
}

/** The routes that are served, and every replica that has a request in flight or may get one. */
export class Fleet {
  readonly #options: FleetOptions;
  #byHost: ReadonlyMap<string, LiveRoute> = new Map();
  #members = new Map<string, Member>();
  readonly #leaving = new Map<string, Member>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  readonly find = (host: string): LiveRoute | undefined => this.#byHost.get(host);

  /** Serves this table from now on: one assignment, so that every request sees either the old one or the new one, whole. */
  serve(table: RouteTable): void {
    const members = new Map<string, Member>();
    const byHost = new Map<string, LiveRoute>();
    for (const route of table.routes) {
      const backends = route.backends.map((backend) => this.#backend(route, backend, members));
      const live: LiveRoute = { name: route.name, backends, drainMs: route.drainMs };
      for (const host of route.hosts) byHost.set(host, live);
      for (const [index, { hosts }] of route.backends.entries()) {
        const alone = backends.slice(index, index + 1).map((backend) => ({ ...backend, weight: 100 }));
        for (const host of hosts) byHost.set(host, { ...live, backends: alone });
      }
    }
    const before = this.#members;
    this.#byHost = byHost;
    this.#members = members;
    for (const [key, member] of before) if (!members.has(key)) this.#leave(key, member);
    this.#options.changed();
  }

  states(): ReplicaHealth[] {
    return [...this.#members.values(), ...this.#leaving.values()].map(({ replica }) => replica.state);
  }

  /** The releases that may still be counted for. */
  releases(): Set<string> {
    const names = new Set<string>();
    for (const route of this.#byHost.values()) for (const { release } of route.backends) names.add(release);
    for (const { replica } of this.#leaving.values()) names.add(replica.release);
    return names;
  }

  /** Ends every health check and connection. */
  close(): void {
    for (const member of [...this.#members.values(), ...this.#leaving.values()]) {
      member.watch.stop();
      if (member.drainTimer !== null) clearTimeout(member.drainTimer);
      member.replica.pool.cut('the router ends');
    }
  }

  #backend(route: TableRoute, backend: TableBackend, members: Map<string, Member>): LiveBackend {
    const { release, weight, health } = backend;
    const rules = { ...health, host: route.hosts[0] ?? route.name, headerBytes: this.#options.limits.headerBytes };
    const replicas = backend.replicas.map((entry) => {
      const key = keyOf(release, entry);
      const member = this.#members.get(key) ?? this.#comeBack(key, rules) ?? this.#join(release, entry, rules);
      member.watch.setRules(rules);
      member.drainMs = route.drainMs;
      member.replica.quiet = weight === 0;
      members.set(key, member);
      return member.replica;
    });
    return { release, weight, replicas, health, tally: this.#options.tally(release), turn: 0 };
  }

  #join(release: string, entry: TableReplica, rules: HealthRules): Member {
    const replica = new Replica(release, entry, this.#options.limits, {
      changed: this.#options.changed,
      refused: () => member.watch.now(),
      drained: () => this.#forget(keyOf(release, entry), member),
    });
    const member: Member = { replica, watch: this.#watch(replica, rules), drainMs: 0, drainTimer: null };
    return member;
  }

  #watch(replica: Replica, rules: HealthRules): HealthWatch {
    return new HealthWatch(replica, rules, () => {
      const { id, release, health, error } = replica;
      this.#options.log('health_changed', { replica: id, release, health, error });
      if (health === 'unhealthy' && this.#options.takeBack && this.#anyHealthy())
        replica.pool.takeBack('it does not answer any more');
    });
  }

  #anyHealthy(): boolean {
    for (const { replica } of this.#members.values()) if (replica.health === 'healthy') return true;
    return false;
  }

  #leave(key: string, member: Member): void {
    const { replica, drainMs } = member;
    member.watch.stop();
    replica.draining = true;
    replica.quiet = true;
    replica.pool.closeIdle();
    if (replica.inFlight === 0) return;
    this.#leaving.set(key, member);
    member.drainTimer = setTimeout(
      () => {
        this.#options.log('drain_cut', {
          replica: replica.id,
          release: replica.release,
          cut: replica.inFlight,
          afterMs: drainMs,
        });
        replica.pool.cut(`the release was replaced, and its ${drainMs} ms to finish are over`);
      },
      Math.min(drainMs, maxTimerMs),
    );
  }

  /** A replica that had left is in the table again before its last request was done. Whether it still runs must be asked anew. */
  #comeBack(key: string, rules: HealthRules): Member | null {
    const member = this.#leaving.get(key);
    if (member === undefined) return null;
    this.#leaving.delete(key);
    if (member.drainTimer !== null) clearTimeout(member.drainTimer);
    member.drainTimer = null;
    member.replica.draining = false;
    member.replica.pool.reopen();
    member.replica.setHealth('unknown', null);
    member.watch = this.#watch(member.replica, rules);
    return member;
  }

  #forget(key: string, member: Member): void {
    if (this.#leaving.get(key) !== member) return;
    this.#leaving.delete(key);
    if (member.drainTimer !== null) clearTimeout(member.drainTimer);
    this.#options.changed();
  }
}
