import { setTimeout as pause } from 'node:timers/promises';
import { type DeploymentView, ended, isCode, type RunDetail, type RunSummary } from '@towpath/contract';
import type { Pushed, Repository } from '../repository.ts';
import { nodeService, serviceJson } from '../templates.ts';
import type { World } from '../world.ts';
import { isAway, surely, until } from './patience.ts';
import type { Workload } from './workload.ts';

/** A wait of the API for changes; short, so that a part that is killed meanwhile costs little. */
const pollMs = 2_000;

/** The people behind one service: what they ask Towpath for, again and again until it is done, whatever dies meanwhile. */
export class Team {
  readonly name: string;
  /** Every run that was seen, in the order of its commits. */
  readonly runs: number[] = [];
  readonly #world: World;
  readonly #repository: Repository;
  readonly #pushes: Promise<Pushed>[] = [];
  #version = 0;

  private constructor(world: World, name: string, repository: Repository) {
    this.#world = world;
    this.name = name;
    this.#repository = repository;
  }

  /** With a first version live in staging and production. */
  static async begin(world: World, workload: Workload, name: string): Promise<Team> {
    const repository = await world.service(name, nodeService({ version: 'v0' }), ...workload.words);
    const team = new Team(world, name, repository);
    await team.ship();
    await team.configure();
    return team;
  }

  get host(): string {
    return `${this.name}.localhost`;
  }

  /** Pushes a new version and approves it. Throws unless it gets live in production. */
  async ship(): Promise<void> {
    const version = this.#nextVersion();
    const run = await this.#pushed(
      await this.#repository.commit(`Version ${version}`, { 'service.json': serviceJson({ version }) }),
    );
    await this.#approve(run);
    expectRun(await this.#ended(run), 'succeeded');
    await this.#serves(version);
  }

  /** Pushes a version whose tests fail. Throws unless its run fails, and what was live stays. */
  async shipBroken(): Promise<void> {
    const before = await this.#liveVersion();
    const run = await this.#pushed(await this.#repository.commit('Broken', { broken: 'yes\n' }));
    expectRun(await this.#ended(run), 'failed');
    await this.#serves(before);
    await this.#repository.remove('broken');
  }

  /** Pushes a version that ends at once when it is started. Throws unless staging refuses it, and production stays as it is. */
  async shipDead(): Promise<void> {
    const before = await this.#liveVersion();
    const files = { 'service.json': serviceJson({ version: this.#nextVersion(), behaviour: 'exits' }) };
    const run = await this.#pushed(await this.#repository.commit('Dead', files));
    expectRun(await this.#ended(run), 'failed');
    await this.#serves(before);
  }

  /** Pushes a version and cancels its run while its tests run, or wherever it is by then. */
  async shipAndCancel(afterMs: number): Promise<void> {
    const version = this.#nextVersion();
    const files = { 'service.json': serviceJson({ version }) };
    const run = await this.#pushed(await this.#repository.commit(`Version ${version}`, files));
    await pause(afterMs);
    const { client } = this.#world;
    await surely(
      `cancel run #${run}`,
      () => client.call('cancel', { params: { run } }),
      async () => {
        const now = await client.call('getRun', { params: { run } });
        return now.reason?.startsWith('cancelled by') || ended.has(now.status) ? now : null;
      },
    ).catch((error: unknown) => {
      if (!isCode(error, 'already_ended')) throw error;
    });
    expectRun(await this.#ended(run), 'cancelled');
  }

  /** Goes back to the release before, and lifts the hold again. */
  async rollBack(): Promise<void> {
    const body = { reason: 'to see that it works' };
    const back = () =>
      this.#deploys('rollback', () => this.#world.client.call('rollback', { params: this.#production, body }));
    try {
      await back();
    } catch (error) {
      if (!isCode(error, 'nothing_to_roll_back_to')) throw error;
      // They are back at the first one.
      await this.configure();
      await back();
    }
    await surely(
      `lift the hold of ${this.name}`,
      async () => void (await this.#world.client.call('unhold', { params: this.#production })),
      async () => null,
    );
  }

  /** Changes a variable of production, which is a release of its own. */
  async configure(): Promise<void> {
    const value = `${Date.now()}`;
    await this.#deploys('config', async () => {
      const { client } = this.#world;
      const { deployment } = await client.call('setConfig', {
        params: this.#production,
        body: { config: { MARK: value } },
      });
      if (deployment === null) throw new Error(`the change of config of ${this.name} gave no deployment`);
      return deployment;
    });
    await until(`${this.name} has the new variable`, async () =>
      (await this.#world.ask(this.host, '/env?MARK')).text === value ? true : null,
    );
  }

  /** Two replicas for a while. */
  async scaleUpAndDown(): Promise<void> {
    for (const replicas of [2, 1]) {
      await surely(
        `scale ${this.name} to ${replicas}`,
        async () => void (await this.#world.client.call('scale', { params: this.#production, body: { replicas } })),
        async () => null,
      );
      await until(`${this.name} has ${replicas} replicas`, async () => {
        const target = await this.#target();
        return target.deployment === null && target.running.length === replicas ? true : null;
      });
    }
  }

  /** Resolves when no push of this team is followed any more. */
  async rest(): Promise<void> {
    await Promise.all(this.#pushes.splice(0));
  }

  get #production() {
    return { service: this.name, environment: 'production' };
  }

  #nextVersion(): string {
    this.#version += 1;
    return `v${this.#version}`;
  }

  /** Pushes until the branch has moved and its run is there, be it by the push itself or found later. */
  async #pushed(commit: string): Promise<number> {
    const run = await until(`the run of ${this.name}'s commit ${commit.slice(0, 8)}`, async () => {
      const found = await this.#runsOf(commit);
      if (found[0] !== undefined) return found[0].run;
      const pushing = this.#repository.pushing();
      this.#pushes.push(pushing.pushed);
      // Followed by git alone from here on: what becomes of the run is looked at from outside.
      const told = pushing.line(/^\S+ #\d+ /).then((line) => Number(/#(\d+)/.exec(line)?.[1]));
      const over = new AbortController();
      return Promise.race([
        told.catch(() => null),
        pushing.pushed.then((pushed) => pushed.run),
        this.#appears(commit, over.signal),
      ]).finally(() => over.abort());
    });
    this.runs.push(run);
    return run;
  }

  /** A server that froze tells its pusher nothing more; the run is there all the same. */
  async #appears(commit: string, over: AbortSignal): Promise<number | null> {
    while (!over.aborted) {
      await pause(500);
      const [run] = await this.#runsOf(commit).catch(() => []);
      if (run !== undefined) return run.run;
    }
    return null;
  }

  async #runsOf(commit: string): Promise<RunSummary[]> {
    const { runs } = await this.#world.client.call('listRuns', { query: { service: this.name, limit: 20 } });
    return runs.filter((run) => run.commit === commit);
  }

  async #approve(run: number): Promise<void> {
    const { client } = this.#world;
    await this.#wait(run, ({ status }) => status === 'waiting');
    await surely(
      `approve run #${run}`,
      async () => void (await client.call('approve', { params: { run }, body: {} })),
      async () => ((await client.call('getRun', { params: { run } })).status === 'waiting' ? null : undefined),
    );
  }

  #ended(run: number): Promise<RunDetail> {
    return this.#wait(run, ({ status }) => ended.has(status));
  }

  async #wait(run: number, isSo: (run: RunDetail) => boolean): Promise<RunDetail> {
    const { client } = this.#world;
    let revision = -1;
    let seen: RunDetail | null = null;
    return until(`run #${run} gets on`, async () => {
      const now: RunDetail = await client.call('waitRun', { params: { run }, query: { revision, timeoutMs: pollMs } });
      revision = now.revision;
      seen = now;
      if (isSo(now)) return now;
      if (ended.has(now.status)) throw new Error(`run #${run} is ${now.status} (${now.reason})`);
      return null;
    }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${JSON.stringify(seen, null, 2)}`);
    });
  }

  /** Asks for a deployment of this cause and waits for its good end. */
  async #deploys(cause: DeploymentView['cause'], send: () => Promise<DeploymentView>): Promise<void> {
    const { client } = this.#world;
    const newest = async () => {
      const { deployments } = await client.call('listDeployments', { query: { ...this.#production, limit: 1 } });
      return deployments[0];
    };
    const before = (await until(`the deployments of ${this.name}`, async () => (await newest()) ?? null)).deployment;
    const { deployment } = await surely(`${cause} of ${this.name}`, send, async () => {
      const now = await newest();
      return now !== undefined && now.deployment > before && now.cause === cause ? now : null;
    });
    const over = await until(`deployment ${deployment} of ${this.name}`, async () => {
      const now = await client.call('waitDeployment', { params: { deployment }, query: { timeoutMs: pollMs } });
      return ended.has(now.status) ? now : null;
    });
    if (over.status !== 'succeeded')
      throw new Error(`deployment ${deployment} (${cause}) ${over.status}: ${over.reason}`);
  }

  async #target() {
    return this.#world.target(this.name, 'production');
  }

  async #liveVersion(): Promise<string> {
    return until(`${this.name} says its version`, async () => (await this.#answer())?.version ?? null);
  }

  async #serves(version: string): Promise<void> {
    const answered = await this.#liveVersion();
    if (answered !== version) throw new Error(`${this.name} should serve ${version}, and serves ${answered}`);
  }

  /** Null while nobody listens; the visitors judge whether that was in order. */
  async #answer() {
    return this.#world.who(this.host).catch((error: unknown) => {
      if (isAway(error) || (error instanceof Error && /ECONN|socket hang up/.test(error.message))) return null;
      throw error;
    });
  }
}

function expectRun(run: RunDetail, status: RunDetail['status']): void {
  if (run.status === status) return;
  throw new Error(
    `run #${run.run} should be ${status}, and is ${run.status} (${run.reason}): ${JSON.stringify(run.stages)}`,
  );
}
