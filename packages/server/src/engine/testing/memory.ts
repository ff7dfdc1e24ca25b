import type { StepResult, WorkflowContext } from '../engine.ts';

/** The process died here. */
export class Crash extends Error {}

/** Burns through once, at one of the places that it is asked about: 0 for the first of them. Negative: never. */
export class Fuse {
  #left: number;
  #burnt = false;

  constructor(at = -1) {
    this.#left = at;
  }

  get burnt(): boolean {
    return this.#burnt;
  }

  pass(): void {
    if (this.#left-- !== 0) return;
    this.#burnt = true;
    throw new Crash();
  }

  /** A call that the process may die just before and just after. */
  async call<T>(action: () => Promise<T>): Promise<T> {
    this.pass();
    const result = await action();
    this.pass();
    return result;
  }
}

/** Steps as the engine keeps them: what is recorded is not done again. A crash comes before a step's action, or before it is recorded. */
export class Memory {
  readonly #recorded = new Map<string, StepResult>();
  readonly #fuse: Fuse;

  constructor(fuse = new Fuse()) {
    this.#fuse = fuse;
  }

  context(id: string): WorkflowContext {
    return {
      id,
      confirm: async () => this.#fuse.pass(),
      step: async <T extends StepResult>(name: string, action: () => Promise<T>): Promise<T> => {
        const key = `${id} ${name}`;
        // What is recorded is what the same step gave.
        if (this.#recorded.has(key)) return this.#recorded.get(key) as T;
        const result = await this.#fuse.call(action);
        this.#recorded.set(key, result);
        return result;
      },
    };
  }
}
