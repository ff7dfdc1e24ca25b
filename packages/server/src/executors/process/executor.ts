import { isCode } from '@towpath/contract';
import type { ProcessSpecInput, ProcessState } from '@towpath/contract/supervisor';
import { asStale, type Claim } from '../../domain/claim.ts';
import type { CommandState, Executor, StageCommand } from '../executor.ts';
import type { SupervisorPort } from './supervisor.ts';

/** Users' requests come before builds. */
const nice = 10;

/** Runs commands as tasks of the supervisor, on this machine. */
export class ProcessExecutor implements Executor {
  readonly #supervisor: SupervisorPort;

  constructor(supervisor: SupervisorPort) {
    this.#supervisor = supervisor;
  }

  async submit(key: string, { argv, cwd, env, timeoutMs }: StageCommand, claim: Claim): Promise<void> {
    const task = { mode: 'task', owner: claim.scope, nice } as const;
    const spec: ProcessSpecInput = { ...task, argv: [...argv], cwd, env: { ...env }, timeoutMs };
    await guarded(this.#supervisor.start(key, claim.epoch, spec), claim);
  }

  async observe(key: string, options: { waitMs?: number; signal?: AbortSignal } = {}): Promise<CommandState | null> {
    const { waitMs = 0, ...rest } = options;
    try {
      return stateOf(await this.#supervisor.wait(key, { timeoutMs: waitMs, ...rest }));
    } catch (error) {
      if (isCode(error, 'unknown_process')) return null;
      throw error;
    }
  }

  async *logs(
    key: string,
    offset: number,
    options: { follow?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    try {
      yield* this.#supervisor.logs(key, offset, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isCode(error, 'unknown_process')) throw error;
    }
  }

  async cancel(key: string, graceMs: number, claim: Claim): Promise<void> {
    await unlessUnknown(guarded(this.#supervisor.stop(key, claim.epoch, graceMs), claim));
  }

  async list(scope: string): Promise<string[]> {
    return (await this.#supervisor.list(scope)).map(({ key }) => key);
  }

  async forget(key: string, claim: Claim): Promise<void> {
    await unlessUnknown(guarded(this.#supervisor.forget(key, claim.epoch), claim));
  }
}

/** How the contract says what the supervisor's state of a task means. */
export function stateOf({ phase, exit, reason }: Pick<ProcessState, 'phase' | 'exit' | 'reason'>): CommandState {
  if (phase === 'stopped') return { status: 'cancelled', exitCode: null, reason: null };
  if (phase !== 'exited') return { status: 'running', exitCode: null, reason: null };
  const code = exit?.code ?? null;
  // Ended for its time, it may still have left with a code: that is not the command's own end.
  if (code !== null && !reason?.startsWith('ran longer than '))
    return { status: 'exited', exitCode: code, reason: null };
  return { status: 'exited', exitCode: null, reason: reason ?? 'its exit is not known' };
}

async function guarded(call: Promise<unknown>, claim: Claim): Promise<void> {
  try {
    await call;
  } catch (error) {
    throw asStale(error, claim);
  }
}

async function unlessUnknown(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isCode(error, 'unknown_process')) throw error;
  }
}
