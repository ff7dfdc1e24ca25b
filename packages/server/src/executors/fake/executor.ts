import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { TowpathError } from '@towpath/contract';
import type { Claim } from '../../domain/claim.ts';
import type { CommandState, Executor, StageCommand } from '../executor.ts';
import { FakeMachine } from './machine.ts';

/** Runs commands in memory, with everything that can go wrong behind the machine's knobs. */
export class FakeExecutor implements Executor {
  readonly machine: FakeMachine;

  constructor(machine = new FakeMachine()) {
    this.machine = machine;
  }

  async submit(key: string, command: StageCommand, claim: Claim): Promise<void> {
    await this.machine.faults.call(async () => {
      await sleep(this.machine.knobs.acceptMs);
      this.machine.fence.pass(claim);
      const known = this.machine.commands.get(key);
      if (known === undefined) this.machine.start(key, structuredClone(command), claim.scope);
      else if (!isSame(known.command, command))
        throw new TowpathError('spec_differs', `${key}: runs another command already`);
    });
  }

  async observe(key: string, options: { waitMs?: number; signal?: AbortSignal } = {}): Promise<CommandState | null> {
    return await this.machine.faults.call(async () => {
      options.signal?.throwIfAborted();
      const command = this.machine.commands.get(key);
      if (command === undefined) return null;
      if (options.waitMs !== undefined) await waited(command.ended.bind(command), options.waitMs, options.signal);
      return command.state;
    });
  }

  async *logs(
    key: string,
    offset: number,
    options: { follow?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    const command = await this.machine.faults.call(() => this.machine.commands.get(key));
    if (command !== undefined) yield* command.logs(offset, options.follow ?? false, options.signal);
  }

  async cancel(key: string, graceMs: number, claim: Claim): Promise<void> {
    await this.machine.faults.call(() => {
      this.machine.fence.pass(claim);
      this.machine.commands.get(key)?.cancel(graceMs);
    });
  }

  async list(scope: string): Promise<string[]> {
    return await this.machine.faults.call(() =>
      [...this.machine.commands].filter(([, command]) => command.scope === scope).map(([key]) => key),
    );
  }

  async forget(key: string, claim: Claim): Promise<void> {
    await this.machine.faults.call(() => {
      this.machine.fence.pass(claim);
      if (this.machine.commands.get(key)?.state.status === 'running')
        throw new TowpathError('not_ended', `${key}: still running`);
      this.machine.commands.delete(key);
    });
  }
}

function isSame(a: StageCommand, b: StageCommand): boolean {
  return a.cwd === b.cwd && isDeepStrictEqual(a.argv, b.argv);
}

/** Resolves when the thing has ended or the time is over; rejects when the caller's signal aborts. */
async function waited(ended: (signal: AbortSignal) => Promise<void>, ms: number, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  try {
    await ended(signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]));
  } catch (error) {
    if (!over.signal.aborted || signal?.aborted === true) throw error;
  } finally {
    clearTimeout(timer);
  }
}
