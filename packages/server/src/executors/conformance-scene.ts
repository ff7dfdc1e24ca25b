import { expect } from 'vitest';
import type { Claim } from '../domain/claim.ts';
import type { CommandState, Executor, StageCommand } from './executor.ts';
import type { Script } from './script.ts';

/** What the suite needs of the place that a driver runs commands in. */
export interface ExecutorHarness {
  /** Another driver instance on the same keeper, as a new server makes one. */
  attach(): Executor;
  /** A command line that acts the script out; `given` is what its `report` step prints as argv. */
  argv(script: Script, ...given: string[]): readonly [string, ...string[]];
  /** A folder that exists. */
  readonly cwd: string;
  /** Names that the driver adds to every command's environment to find its processes by. */
  readonly addedEnv: readonly string[];
  /** Lets scripts go on that wait at this gate, now or later. */
  open(gate: string): Promise<void>;
  /** How often a script came by this mark, and how many of the processes that did are alive. */
  marks(name: string): Promise<{ count: number; alive: number }>;
  /** Ends the part that keeps the commands as a crash would, and brings it back. */
  readonly keeper: { crash(): Promise<void>; restore(): Promise<void> };
  close(): Promise<void>;
}

/** How long the suite waits for what must come. */
export const deadlineMs = 30_000;
export const timed = { timeout: 2 * deadlineMs };

let last = 0;

/** One driver under test, and the moves that the suite's tests share. */
export class Scene {
  readonly harness: ExecutorHarness;
  readonly executor: Executor;

  constructor(harness: ExecutorHarness) {
    this.harness = harness;
    this.executor = harness.attach();
  }

  /** A name for marks and gates, a scope with its first claim and a key, none of which another test uses. */
  fresh(): { id: string; claim: Claim; key: string } {
    last += 1;
    return { id: `t${last}`, claim: { scope: `run/${last}`, epoch: 1 }, key: `${last}:build/staging one:1` };
  }

  command(script: Script, rest: Partial<StageCommand> = {}): StageCommand {
    const { cwd } = this.harness;
    return { argv: this.harness.argv(script), cwd, env: { LANG: 'C' }, timeoutMs: 120_000, ...rest };
  }

  async ended(key: string, by = this.executor): Promise<CommandState> {
    const state = await by.observe(key, { waitMs: deadlineMs });
    if (state === null || state.status === 'running')
      throw new Error(`${key}: ${state?.status ?? 'unknown'}, not ended`);
    return state;
  }

  async output(key: string, offset = 0, options: { follow?: boolean; signal?: AbortSignal } = {}): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const bytes of this.executor.logs(key, offset, options)) pieces.push(bytes);
    return Buffer.concat(pieces);
  }

  /** Submits the script under a key of its own and waits for its end. */
  async run(script: Script, rest: Partial<StageCommand> = {}): Promise<CommandState & { output: Buffer }> {
    const { key, claim } = this.fresh();
    await this.executor.submit(key, this.command(script, rest), claim);
    return { ...(await this.ended(key)), output: await this.output(key) };
  }

  /** Resolves when scripts have come by the mark so many times. */
  async passed(mark: string, count = 1): Promise<void> {
    await expect.poll(async () => (await this.harness.marks(mark)).count, { timeout: deadlineMs }).toBe(count);
  }

  /** Resolves when nothing that came by the mark is alive. */
  async gone(mark: string): Promise<void> {
    await expect.poll(async () => (await this.harness.marks(mark)).alive, { timeout: deadlineMs }).toBe(0);
  }
}
