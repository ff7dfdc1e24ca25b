import { EventEmitter, once } from 'node:events';
import { TowpathError } from '@towpath/contract';
import type {
  Address,
  Probe,
  ProbeAnswer,
  ReplicaHealth,
  RouteTable,
  TableBackend,
  TableUpdate,
} from '@towpath/contract/router';
import { Faults } from '../../faults.ts';
import type { Observation, Sequences } from '../router.ts';
import { VirtualCounts } from './counts.ts';
import { VirtualReplica } from './replica.ts';

/** What can go wrong with a fake router. Tests set the fields at any time. */
export interface RouterKnobs {
  /** How long the router takes to serve and acknowledge a table; Infinity: it never does, and apply throws `router_away`. */
  ackMs: number;
  /** What a request to this address is answered; null: the connection is refused. Normally 200. */
  status: (address: Address, path: string) => number | null;
  /** How long answers take, as the counts tell it; nobody waits. */
  answerMs: number;
}

/** A user's request that has not been answered yet. */
export interface OpenRequest {
  /** Resolves with the status once finish() was called, or with null when it was cut. */
  readonly answered: Promise<number | null>;
  finish(): void;
}

/** How often health is looked at while somebody waits for a change. */
const lookMs = 5;
let instances = 0;

/** The part that outlives driver instances: a router in memory, any number of FakeTraffics on it. */
export class FakeRouter {
  readonly faults = new Faults('router_away', 'the fake router');
  readonly knobs: RouterKnobs = { ackMs: 0, status: () => 200, answerMs: 1 };
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** What is on its disk. */
  #saved: TableUpdate | null = null;
  #instance = '';
  #revision = 0;
  #replicas: VirtualReplica[] = [];
  readonly #counts: VirtualCounts;
  #turn = 0;
  #ports = 40_000;

  /** `now`: the clock of its host; that of this one when not given. */
  constructor(now: () => number = Date.now) {
    this.#counts = new VirtualCounts(now);
    this.restart();
  }

  get instance(): string {
    return this.#instance;
  }

  /** -1 before the first table. */
  get generation(): number {
    return this.#saved?.generation ?? -1;
  }

  /** What it serves; null before the first table. */
  get table(): RouteTable | null {
    return this.#saved?.table ?? null;
  }

  /** Loses all that it has in memory and goes on with the table that was saved. Requests under way are cut. */
  restart(): void {
    instances += 1;
    this.#instance = `router ${instances}`;
    this.#counts.restart(this.#instance);
    for (const replica of this.#replicas) replica.cut();
    this.#replicas = [];
    if (this.#saved !== null) this.#serve(this.#saved.table);
  }

  apply(update: TableUpdate): void {
    check(update.table);
    if (update.generation < this.generation)
      throw new TowpathError('stale_generation', `${update.generation} is older than ${this.generation}`);
    if (update.generation === this.generation) {
      if (JSON.stringify(update.table) === JSON.stringify(this.#saved?.table)) return;
      throw new TowpathError('stale_generation', `${update.generation} is served already, with another table`);
    }
    this.#saved = structuredClone(update);
    this.#serve(this.#saved.table);
  }

  health(): { revision: number; replicas: ReplicaHealth[] } {
    for (const replica of this.#replicas) if (replica.look(this.knobs.status)) this.#revision += 1;
    return { revision: this.#revision, replicas: this.#replicas.map((replica) => replica.state) };
  }

  /** Resolves when the revision is another one than `after`, or the time is over; rejects when the signal aborts. */
  async changed(after: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    const looking = setInterval(() => this.health().revision !== after && this.#events.emit('change'), lookMs);
    const over = setTimeout(() => this.#events.emit('change'), waitMs);
    try {
      signal?.throwIfAborted();
      if (this.health().revision === after) await once(this.#events, 'change', signal === undefined ? {} : { signal });
    } finally {
      clearInterval(looking);
      clearTimeout(over);
    }
  }

  observe(since: Sequences): Observation {
    return this.#counts.observe(since);
  }

  probe({ to, path = '/' }: Probe): ProbeAnswer {
    const replica = 'host' in to ? this.#choose(to.host, to.release) : null;
    const address = 'host' in to ? replica?.address : to.address;
    const status = address === undefined ? null : this.knobs.status(address, path);
    this.#ports += 1;
    return {
      ok: status !== null && (path === '/' ? status < 500 : status >= 200 && status < 400),
      status,
      error: status === null ? (address === undefined ? 'no such release has a replica' : 'connection refused') : null,
      ms: 1,
      replica: replica?.id ?? null,
      release: replica?.release ?? null,
      localPort: status === null ? null : this.#ports,
      port: status !== null && address !== undefined && 'port' in address ? address.port : null,
    };
  }

  /** A user's request, answered at once. `replica`: null when none was asked. */
  request(host: string, path = '/'): { status: number; replica: string | null } {
    const replica = this.#choose(host);
    if (replica === null) return { status: 503, replica: null };
    const status = this.knobs.status(replica.address, path);
    const missing = status === null ? { connectionFailures: 1, routerErrors: 1 } : {};
    this.#counts.count(replica.release, status ?? 502, this.knobs.answerMs, missing);
    return { status: status ?? 502, replica: status === null ? null : replica.id };
  }

  /** A user's request that stays open until the test finishes it. */
  open(host: string): OpenRequest {
    const replica = this.#choose(host);
    if (replica === null) throw new Error(`no replica behind ${host}`);
    const { answered, finish } = replica.begin();
    this.#revision += 1;
    void answered.then((status) => {
      this.#revision += 1;
      if (status === null) this.#counts.count(replica.release, 502, this.knobs.answerMs, { cut: 1, routerErrors: 1 });
      else this.#counts.count(replica.release, status, this.knobs.answerMs);
      this.#replicas = this.#replicas.filter(({ left }) => !left);
    });
    return { answered, finish };
  }

  #serve(table: RouteTable): void {
    const before = new Map(this.#replicas.map((replica) => [replica.key, replica]));
    const now = table.routes.flatMap((route) =>
      route.backends.flatMap(({ release, replicas }) => replicas.map((entry) => ({ release, entry, route }))),
    );
    const kept = now.map(({ release, entry, route }) => {
      const fresh = new VirtualReplica(release, entry, route.drainMs);
      const replica = before.get(fresh.key) ?? fresh;
      before.delete(fresh.key);
      replica.stay(route.drainMs);
      return replica;
    });
    for (const replica of before.values()) replica.leave();
    this.#replicas = [...kept, ...before.values()].filter(({ left }) => !left);
    this.#revision += 1;
    this.#events.emit('change');
  }

  /** By weight, or the release that was asked for; among its replicas in turn, those that are not unhealthy first. */
  #choose(host: string, release?: string): VirtualReplica | null {
    const routes = this.#saved?.table.routes ?? [];
    const backends = routes.find(({ hosts }) => hosts.includes(host))?.backends ?? [];
    const tested = routes.flatMap((route) => route.backends).find(({ hosts }) => hosts.includes(host));
    this.#turn += 1;
    const weighed = tested ?? byWeight(backends, (this.#turn * 61) % 100);
    const backend = release === undefined ? weighed : backends.find((candidate) => candidate.release === release);
    this.health();
    const replicas = this.#replicas.filter(
      (replica) => replica.release === backend?.release && !replica.state.draining,
    );
    const fit = replicas.filter(({ state }) => state.health !== 'unhealthy');
    const among = fit.length > 0 ? fit : replicas;
    return among[this.#turn % among.length] ?? null;
  }
}

function byWeight(backends: readonly TableBackend[], point: number): TableBackend | undefined {
  let rest = point;
  for (const backend of backends) {
    if (rest < backend.weight) return backend;
    rest -= backend.weight;
  }
  return undefined;
}

/** Throws bad_request for what a real router refuses. */
function check(table: RouteTable): void {
  for (const { name, backends } of table.routes) {
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    if (total !== 0 && total !== 100)
      throw new TowpathError('bad_request', `the weights of ${name} add up to ${total}, not to 100`);
  }
  for (const ids of [
    table.routes.flatMap(({ hosts, backends }) => [...hosts, ...backends.flatMap((backend) => backend.hosts)]),
    table.routes.flatMap(({ backends }) => backends.flatMap(({ replicas }) => replicas.map(({ id }) => id))),
  ])
    for (const [at, id] of ids.entries())
      if (ids.indexOf(id) !== at) throw new TowpathError('bad_request', `"${id}" is there twice`);
}
