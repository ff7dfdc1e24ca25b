import { EventEmitter, once } from 'node:events';
import type { CommandState, StageCommand } from '../executor.ts';
import type { Script } from '../script.ts';
import { type VirtualExit, VirtualProcess, type VirtualWorld } from './process.ts';

/** What the machine lends to its commands. */
export type Surroundings = Pick<VirtualWorld, 'mark' | 'gate'>;

const timeoutGraceMs = 10_000;

/** One accepted command: its processes, its output, and how it ended. */
export class VirtualCommand {
  state: CommandState = { status: 'running', exitCode: null, reason: null };
  readonly scope: string;
  readonly command: StageCommand;
  readonly #members = new Set<VirtualProcess>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #surroundings: Surroundings;
  readonly #losesExit: boolean;
  #output = Buffer.alloc(0);
  #exit: VirtualExit | null = null;
  #ending: 'cancelled' | 'timeout' | null = null;

  constructor(scope: string, command: StageCommand, surroundings: Surroundings, losesExit: boolean) {
    this.scope = scope;
    this.command = command;
    this.#surroundings = surroundings;
    this.#losesExit = losesExit;
  }

  begin(script: Script): void {
    this.#after(this.command.timeoutMs, () => {
      this.#ending ??= 'timeout';
      this.#endAll(timeoutGraceMs);
    });
    void this.#run(script, 'main');
  }

  cancel(graceMs: number): void {
    if (this.state.status !== 'running') return;
    this.#ending = 'cancelled';
    this.#endAll(graceMs);
  }

  /** Resolves when it has ended. */
  async ended(signal: AbortSignal): Promise<void> {
    while (this.state.status === 'running') await once(this.#events, 'change', { signal });
  }

  async *logs(offset: number, follow: boolean, signal?: AbortSignal): AsyncGenerator<Buffer> {
    for (let at = offset; ; ) {
      signal?.throwIfAborted();
      const bytes = this.#output.subarray(at);
      at += bytes.length;
      if (bytes.length > 0) yield bytes;
      else if (!follow || this.state.status !== 'running') return;
      else await once(this.#events, 'change', signal === undefined ? {} : { signal });
    }
  }

  async #run(script: Script, role: 'main' | 'child'): Promise<void> {
    const member = new VirtualProcess(this.command, {
      ...this.#surroundings,
      print: (bytes) => {
        this.#output = Buffer.concat([this.#output, bytes]);
        this.#events.emit('change');
      },
      start: (child) => void this.#run(child, 'child'),
    });
    this.#members.add(member);
    const exit = await member.run(script);
    this.#members.delete(member);
    if (role === 'main') {
      this.#exit = exit;
      // What a command leaves behind ends with it.
      for (const left of this.#members) left.signal('SIGKILL');
    }
    this.#settle();
  }

  #endAll(graceMs: number): void {
    for (const member of this.#members) member.signal('SIGTERM');
    this.#after(graceMs, () => {
      for (const member of this.#members) member.signal('SIGKILL');
    });
  }

  /** The group is empty: says how it ended. */
  #settle(): void {
    if (this.#members.size > 0 || this.state.status !== 'running') return;
    for (const timer of this.#timers) clearTimeout(timer);
    this.state = this.#outcome();
    this.#events.emit('change');
  }

  #outcome(): CommandState {
    const lost = (reason: string): CommandState => ({ status: 'exited', exitCode: null, reason });
    if (this.#ending === 'cancelled') return { status: 'cancelled', exitCode: null, reason: null };
    if (this.#ending === 'timeout') return lost(`ran longer than ${this.command.timeoutMs / 1000} s`);
    if (this.#losesExit || this.#exit === null) return lost('its exit was lost');
    if ('signal' in this.#exit) return lost(`ended by ${this.#exit.signal}`);
    return { status: 'exited', exitCode: this.#exit.code, reason: null };
  }

  #after(ms: number, action: () => void): void {
    this.#timers.add(setTimeout(action, ms).unref());
  }
}
