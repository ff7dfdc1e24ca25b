import type { StepResult, WorkflowContext } from '../engine.ts';

/** The process died here. */
export class Crash extends Error {}

/** Steps as the engine keeps them: what is recorded is not done again. Crashes once, before or after the action of one step. */
export class Memory {
  readonly #recorded = new Map<string, StepResult>();
  #passes = 0;
  #crashAt: number;

  /** An even number crashes before a step's action, the odd one after it and before it is recorded; a negative one never. */
  constructor(crashAt = -1) {
    this.#crashAt = crashAt;
  }

  get crashed(): boolean {
    return this.#crashAt === crashedAlready;
  }

  context(id: string): WorkflowContext {
    return {
      id,
      step: async <T extends StepResult>(name: string, action: () => Promise<T>): Promise<T> => {
        const key = `${id} ${name}`;
        // What is recorded is what the same step gave.
        if (this.#recorded.has(key)) return this.#recorded.get(key) as T;
        this.#pass();
        const result = await action();
        this.#pass();
        this.#recorded.set(key, result);
        return result;
      },
    };
  }

  #pass(): void {
    if (this.#passes++ !== this.#crashAt) return;
    this.#crashAt = crashedAlready;
    throw new Crash();
  }
}

const crashedAlready = -2;
