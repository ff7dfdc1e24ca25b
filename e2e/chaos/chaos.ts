import { setTimeout as pause } from 'node:timers/promises';
import { ended } from '@towpath/contract';
import { World } from '../world.ts';
import { type Blow, describe } from './blow.ts';
import { inspect } from './inspection.ts';
import { Orders } from './orders.ts';
import { kill, type Part, pidOf, untilBack } from './parts.ts';
import type { Random } from './random.ts';
import { Team } from './team.ts';
import { ask, type Outage, Visitors } from './visitors.ts';
import { Workload } from './workload.ts';

/** What came of one blow. */
export interface Round {
  readonly blow: string;
  /** Parts that died, in the order of their death. */
  readonly died: readonly Part[];
  /** From the death of each until it was back and did its work. */
  readonly backMs: readonly number[];
  /** How long no user got an answer; null when the router lived on. */
  readonly outageMs: number | null;
  readonly seconds: number;
  /** What is not as it must be, in plain words. */
  readonly faults: readonly string[];
}

type Deed = (team: Team) => Promise<void>;

/** What else people do while somebody ships a version. */
const deeds = {
  break: (team) => team.shipBroken(),
  die: (team) => team.shipDead(),
  cancel: (team) => team.shipAndCancel(1_000),
  rollBack: (team) => team.rollBack(),
  configure: (team) => team.configure(),
  scale: (team) => team.scaleUpAndDown(),
} satisfies Record<string, Deed>;
type DeedName = keyof typeof deeds;

/** Places that only one deed leads past. */
const leading: Readonly<Record<string, DeedName>> = {
  'cancel.recorded': 'cancel',
  'rollback.recorded': 'rollBack',
  'rollout.aborted': 'die',
};

const names = ['alpha', 'beta', 'gamma'];
const betweenVisitsMs = 100;
/** Two observers can't say to the millisecond when the router died and when it was back. */
const blurMs = 100;

/** What can be killed in an installation with so many servers. */
export function partsOf(servers: number): Part[] {
  return [
    'supervisor',
    'router',
    'postgres',
    ...Array.from({ length: servers }, (_, index): Part => `server-${index + 1}`),
  ];
}

/** A Towpath with teams at work and users, in which parts are killed. */
export class Chaos {
  readonly world: World;
  readonly parts: readonly Part[];
  readonly visitors: Visitors;
  readonly #random: Random;
  readonly #orders: Orders;
  readonly #workload: Workload;
  readonly #teams: readonly Team[];
  readonly #outages: Outage[] = [];
  #excusedUpTo = 0;

  private constructor(
    random: Random,
    of: { world: World; orders: Orders; workload: Workload; teams: readonly Team[]; servers: number },
  ) {
    this.#random = random;
    this.world = of.world;
    this.#orders = of.orders;
    this.#workload = of.workload;
    this.#teams = of.teams;
    this.parts = partsOf(of.servers);
    this.visitors = new Visitors(
      of.world.is.routerUrl,
      of.teams.map(({ host }) => host),
      betweenVisitsMs,
    );
  }

  /** Three services with a release in production, and users on them. */
  static async begin(random: Random, servers = 1): Promise<Chaos> {
    const world = World.create();
    try {
      const orders = Orders.prepare(world);
      await world.up('--servers', String(servers));
      await orders.announce(world);
      const workload = new Workload(world);
      const teams = await Promise.all(names.map((name) => Team.begin(world, workload, name)));
      return new Chaos(random, { world, orders, workload, teams, servers });
    } catch (error) {
      await world.end().catch(() => undefined);
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.visitors.leave();
    await this.world.end();
  }

  /** People work, the blow falls, everything comes to its end; then the house must be in order. */
  async round(blow: Blow): Promise<Round> {
    const began = performance.now();
    const faults: string[] = [];
    const seen = this.#teams.map((team) => team.runs.length);
    // First of all: with the order given, whoever is asked may die over the answer.
    const before = await this.#pids();
    if (blow.kind === 'place') this.#orders.give(blow.place);
    const work = this.#work(blow);
    const struck = await this.#strike(blow, work, before);
    for (const result of await work) if (result.status === 'rejected') faults.push(messageOf(result.reason));
    await Promise.all(this.#teams.map((team) => team.rest()));
    if (blow.kind === 'place') {
      if (!struck.met) faults.push(`nobody passed ${blow.place}`);
      this.#orders.withdraw(blow.place);
    }
    faults.push(...(await inspect(this.world)));
    for (const [index, team] of this.#teams.entries()) faults.push(...(await this.#runFaults(team, seen[index] ?? 0)));
    faults.push(...this.#visitorFaults());
    const { died, backMs, outageMs } = struck;
    return { blow: describe(blow), died, backMs, outageMs, seconds: (performance.now() - began) / 1000, faults };
  }

  /** One team ships, the two others do something else; who does what is drawn, or leads past the place of the blow. */
  #work(blow: Blow): Promise<PromiseSettledResult<void>[]> {
    const [ships, does, idles] = this.#random.shuffled(this.#teams);
    const led = blow.kind === 'place' ? leading[blow.place] : undefined;
    const deed = deeds[led ?? this.#random.pick(Object.keys(deeds) as DeedName[])];
    const other = deeds[this.#random.pick<DeedName>(['rollBack', 'configure', 'scale'])];
    if (ships === undefined || does === undefined || idles === undefined) throw new Error('there are three teams');
    return Promise.allSettled([ships.ship(), deed(does), other(idles)]);
  }

  /** Lets the blow fall and waits until everything that died is back. */
  async #strike(
    blow: Blow,
    work: Promise<unknown>,
    before: ReadonlyMap<Part, number>,
  ): Promise<Pick<Round, 'died' | 'backMs' | 'outageMs'> & { met: boolean }> {
    const deaths: { part: Part; pid: number; at: number }[] = [];
    const die = (part: Part, pid: number, at: number) => deaths.push({ part, pid, at });
    const strike = (parts: readonly Part[]) => {
      for (const part of parts) {
        const pid = before.get(part);
        if (pid === undefined) continue;
        kill(pid);
        die(part, pid, Date.now());
      }
    };
    let met = true;
    if (blow.kind === 'moment') {
      await pause(blow.afterMs);
      strike(blow.parts);
    } else {
      if (blow.first !== null) {
        await pause(this.#random.below(3_000));
        strike([blow.first]);
      }
      const taken = await this.#untilTaken(blow.place, work);
      met = taken !== null;
      if (taken !== null) die(await this.#partOf(blow.place, taken.pid, before), taken.pid, taken.at);
    }
    const outage = this.#watchOutage(deaths.find(({ part }) => part === 'router'));
    const backMs = await Promise.all(
      deaths.map(async ({ part, pid, at }) => {
        await untilBack(this.world, part, pid);
        return Date.now() - at;
      }),
    );
    return { died: deaths.map(({ part }) => part), backMs, outageMs: await outage, met };
  }

  async #pids(): Promise<Map<Part, number>> {
    const pids = new Map<Part, number>();
    for (const part of this.parts) {
      const pid = await pidOf(this.world, part);
      if (pid !== null) pids.set(part, pid);
    }
    return pids;
  }

  async #untilTaken(place: string, work: Promise<unknown>) {
    let over = false;
    void work.finally(() => {
      over = true;
    });
    for (;;) {
      const last = over;
      const taken = this.#orders.taken(place);
      if (taken !== null || last) return taken;
      await pause(10);
    }
  }

  /** Whose process it was. One that has been started since is told by its place. */
  async #partOf(place: string, pid: number, before: ReadonlyMap<Part, number>): Promise<Part> {
    const known = [...before].find(([, each]) => each === pid)?.[0];
    if (known !== undefined) return known;
    return place.startsWith('supervisor.') ? 'supervisor' : place.startsWith('router.') ? 'router' : 'server-1';
  }

  /** From the router's death until a user is answered again. */
  async #watchOutage(death: { at: number } | undefined): Promise<number | null> {
    if (death === undefined) return null;
    const host = this.#teams[0]?.host ?? '';
    const isServed = () =>
      ask(new URL(this.world.is.routerUrl), host, false).then(
        () => true,
        () => false,
      );
    while (!(await isServed())) await pause(10);
    const to = Date.now();
    this.#outages.push({ from: death.at - blurMs, to: to + blurMs });
    return to - death.at;
  }

  /** Of the runs that have begun since: whether each commit has one, each has ended, none did anything twice, all logs are whole. */
  async #runFaults(team: Team, since: number): Promise<string[]> {
    const faults: string[] = [];
    for (const number of team.runs.slice(since)) {
      const run = await this.world.client.call('getRun', { params: { run: number } });
      if (!ended.has(run.status)) faults.push(`run #${number} is ${run.status} (${run.reason})`);
      const { runs } = await this.world.client.call('listRuns', { query: { service: team.name, limit: 50 } });
      const same = runs.filter(({ commit }) => commit === run.commit).map((each) => `#${each.run}`);
      if (same.length !== 1) faults.push(`the commit of run #${number} has ${same.length} runs: ${same.join(', ')}`);
      faults.push(...(await this.#workload.faults(this.world, run)));
    }
    return faults;
  }

  #visitorFaults(): string[] {
    const fresh = this.visitors.unexcused(this.#outages).slice(this.#excusedUpTo);
    this.#excusedUpTo += fresh.length;
    return fresh.map(
      ({ host, sentAt, failedAt, why }) =>
        `a user of ${host} got no answer at ${new Date(sentAt).toISOString()}, after ${failedAt - sentAt} ms: ${why}`,
    );
  }
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
