import { EventEmitter, once } from 'node:events';
import type { StageCommand } from '../executor.ts';
import type { Script, Step } from '../script.ts';

/** What a virtual process may do outside of itself. */
export interface VirtualWorld {
  print(bytes: Buffer): void;
  /** `alive` is asked for again whenever the suite counts. */
  mark(name: string, alive: () => boolean): void;
  gate(name: string, signal: AbortSignal): Promise<void>;
  start(script: Script): void;
}

/** How a virtual process ended: with a code, or by a signal. */
export type VirtualExit = { readonly code: number } | { readonly signal: 'SIGTERM' | 'SIGKILL' };

/** A process that exists in memory only: it acts its script out and takes signals as a real one does. */
export class VirtualProcess {
  exit: VirtualExit | null = null;
  readonly #events = new EventEmitter();
  readonly #end = new AbortController();
  readonly #command: StageCommand;
  readonly #world: VirtualWorld;
  #onTerm: 'end' | 'ignore' | 'exit' = 'end';

  constructor(command: StageCommand, world: VirtualWorld) {
    this.#command = command;
    this.#world = world;
  }

  /** Resolves when the process has ended, for whatever reason. */
  async run(script: Script): Promise<VirtualExit> {
    void this.#act(script);
    if (this.exit === null) await once(this.#events, 'end');
    return this.exit ?? { code: 0 };
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const forced = signal === 'SIGKILL' || this.#onTerm === 'end';
    if (!forced && this.#onTerm === 'ignore') return;
    if (!forced) this.#world.print(Buffer.from('told to stop\n'));
    this.#finish(forced ? { signal } : { code: 0 });
  }

  async #act(script: Script): Promise<void> {
    for (const step of script) {
      await this.#step(step).catch(() => undefined);
      if (this.exit !== null) return;
    }
    this.#finish({ code: 0 });
  }

  async #step(step: Step): Promise<void> {
    const { env, cwd, argv } = this.#command;
    switch (step.do) {
      case 'print':
        return this.#world.print(Buffer.from(step.text));
      case 'print-lines':
        return this.#world.print(Buffer.from(Array.from({ length: step.count }, (_, at) => `line ${at}\n`).join('')));
      case 'print-bytes':
        return this.#world.print(Buffer.from(step.base64, 'base64'));
      case 'report':
        return this.#world.print(Buffer.from(`${JSON.stringify({ argv: argv.slice(2), env, cwd }[step.what])}\n`));
      case 'mark':
        return this.#world.mark(step.name, () => this.exit === null);
      case 'await-gate':
        return await this.#world.gate(step.name, this.#end.signal);
      case 'on-term':
        this.#onTerm = step.answer;
        return;
      case 'start-child':
        return this.#world.start(step.script);
      case 'exit':
        return this.#finish({ code: step.code });
      case 'end-itself':
        return this.signal(step.signal);
    }
  }

  #finish(exit: VirtualExit): void {
    if (this.exit !== null) return;
    this.exit = exit;
    this.#end.abort();
    this.#events.emit('end');
  }
}
