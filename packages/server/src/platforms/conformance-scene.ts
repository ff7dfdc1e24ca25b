import type { Address } from '@towpath/contract/router';
import { expect } from 'vitest';
import type { Claim } from '../domain/claim.ts';
import type { DesiredProcess, DesiredTarget, ObservedReplica, Platform } from './platform.ts';
import type { AppAnswer, AppScript } from './script.ts';

/** What the suite needs of the place that a driver runs releases in. */
export interface PlatformHarness {
  /** Another driver instance on the same keeper, as a new server makes one. */
  attach(): Platform;
  /** A command line that acts the script out. */
  argv(script: AppScript): readonly [string, ...string[]];
  /** A folder that exists. */
  readonly cwd: string;
  /** Names, besides PORT, that the driver adds to every environment to find its processes by. */
  readonly addedEnv: readonly string[];
  /** Lets apps go on that wait at this gate, now or later. */
  open(gate: string): Promise<void>;
  /** One request; null when nothing answers. */
  ask(address: Address): Promise<AppAnswer | null>;
  /** A connection to whoever listens there, as the router holds one. */
  connect(address: Address): Promise<{ port: number; localPort: number; close(): void }>;
  /** Ends the app that gave this answer as a crash would. */
  crash(answer: AppAnswer): Promise<void>;
  /** Ends the part that keeps the replicas as a crash would, and brings it back. */
  readonly keeper: { crash(): Promise<void>; restore(): Promise<void> };
  close(): Promise<void>;
}

/** How long the suite waits for what must come. */
const deadlineMs = 30_000;
export const timed = { timeout: 2 * deadlineMs };

const plainApp: AppScript = { listens: 'PORT', onTerm: 'end' };

let last = 0;

/** One driver under test, and the moves that the suite's tests share. */
export class Scene {
  readonly harness: PlatformHarness;
  readonly platform: Platform;
  #used: string[] = [];

  constructor(harness: PlatformHarness) {
    this.harness = harness;
    this.platform = harness.attach();
  }

  /** A target that no other test uses, with its first claim. */
  fresh(): { target: string; claim: Claim; id: string } {
    last += 1;
    this.#used.push(`target/${last}`);
    return { target: `target/${last}`, claim: { scope: `target/${last}`, epoch: 1 }, id: `t${last}` };
  }

  /** Removes the targets of the test that has ended. */
  async tidy(): Promise<void> {
    const targets = this.#used;
    this.#used = [];
    await Promise.all(targets.map((scope) => this.platform.remove(scope, { scope, epoch: Number.MAX_SAFE_INTEGER })));
  }

  process(replicas: number, script = plainApp, rest: Partial<DesiredProcess> = {}): DesiredProcess {
    const { cwd } = this.harness;
    const given = { replicas, argv: this.harness.argv(script), cwd, env: {}, drainMs: 10_000 };
    return { type: 'http', name: 'http', ...given, ...rest };
  }

  /** A worker that listens nowhere. */
  worker(
    name: string,
    replicas: number,
    script: Partial<AppScript> = {},
    env: Record<string, string> = {},
  ): DesiredProcess {
    return this.process(replicas, { listens: 'nowhere', onTerm: 'end', ...script }, { type: 'worker', name, env });
  }

  /** A wish: each release with so many plain replicas, or with the process given. */
  wish(target: string, releases: Readonly<Record<string, number | DesiredProcess>>): DesiredTarget {
    return {
      target,
      releases: Object.entries(releases).map(([release, of]) => ({
        release,
        processes: [typeof of === 'number' ? this.process(of) : of],
      })),
    };
  }

  /** Resolves with the target's replicas that have not ended, once they are as expected. */
  async until(
    target: string,
    what: string,
    expected: (replicas: readonly ObservedReplica[]) => boolean,
  ): Promise<ObservedReplica[]> {
    let seen: ObservedReplica[] = [];
    const look = async (): Promise<string> => {
      seen = (await this.platform.observe(target)).filter(({ phase }) => phase !== 'stopped').sort(byPlace);
      return expected(seen) ? what : JSON.stringify(seen);
    };
    await expect.poll(look, { timeout: deadlineMs, interval: 20 }).toBe(what);
    return seen;
  }

  /** Resolves when exactly these replicas run, by release, and each of them answers. */
  async serving(target: string, releases: Readonly<Record<string, number>>): Promise<ObservedReplica[]> {
    const wanted = Object.entries(releases).flatMap(([release, count]) =>
      Array.from({ length: count }, (_, index) => `${release} ${index}`),
    );
    const expected = (seen: readonly ObservedReplica[]): boolean =>
      seen.every(({ phase }) => phase === 'running') &&
      seen.map(({ release, index }) => `${release} ${index}`).join() === wanted.sort().join();
    const what = `${wanted.join(', ')} running`;
    for (const replica of await this.until(target, what, expected)) await this.answer(replica);
    // As they are once they answer: with the ports that they listen on.
    return await this.until(target, what, expected);
  }

  /** What the replica answers, once it does. */
  async answer({ id, address }: ObservedReplica): Promise<AppAnswer> {
    if (address === null) throw new Error(`${id} has no address`);
    let answer: AppAnswer | null = null;
    const ask = async (): Promise<boolean> => {
      answer = await this.harness.ask(address);
      return answer !== null;
    };
    await expect.poll(ask, { timeout: deadlineMs, interval: 20, message: `${id} answers` }).toBe(true);
    if (answer === null) throw new Error(`${id} does not answer`);
    return answer;
  }

  async lives(replicas: readonly ObservedReplica[]): Promise<string[]> {
    const answers = await Promise.all(replicas.map((replica) => this.answer(replica)));
    return answers.map(({ life }) => life);
  }

  async output(replica: string, offset = 0, options: { follow?: boolean; signal?: AbortSignal } = {}): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const bytes of this.platform.logs(replica, offset, options)) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }
}

function byPlace(a: ObservedReplica, b: ObservedReplica): number {
  return a.release === b.release ? a.index - b.index : a.release < b.release ? -1 : 1;
}
