import type { Engine, WorkflowBody, WorkflowInput } from '../engine.ts';
import { Memory } from './memory.ts';

/** Runs workflows in this process and remembers them in memory: for tests of what starts them and of what they meet. */
export class LocalEngine implements Engine {
  readonly #bodies = new Map<string, WorkflowBody<WorkflowInput>>();
  readonly #begun = new Map<string, Promise<void>>();
  /** What workflows threw. */
  readonly defects: unknown[] = [];

  define<I extends WorkflowInput>(name: string, body: WorkflowBody<I>): void {
    // `start` is typed by the same name.
    this.#bodies.set(name, (context, input) => body(context, input as I));
  }

  async start<I extends WorkflowInput>(name: string, id: string, input: I): Promise<void> {
    const body = this.#bodies.get(name);
    if (body === undefined) throw new Error(`no workflow is defined as ${name}`);
    if (this.#begun.has(id)) return;
    const ended = body(new Memory().context(id), input).catch((error: unknown) => {
      this.defects.push(error);
    });
    this.#begun.set(id, ended);
  }

  async unknown(ids: readonly string[]): Promise<string[]> {
    return ids.filter((id) => !this.#begun.has(id));
  }

  /** Resolves when all that was begun has ended. */
  async quiet(): Promise<void> {
    await Promise.all(this.#begun.values());
  }
}
