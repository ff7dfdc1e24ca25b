/**
 * Runs one piece of work when rung: never twice at a time, and once more if it was rung meanwhile, so that what changed during
 * the work is seen. `work` handles its own errors.
 */
export class Bell {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  ring(): void {
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is being done and nothing was rung for. */
  async quiet(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Not within ring(): the caller may be inside a transaction or a loop over listeners.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      await this.#work();
    }
    this.#running = undefined;
  }
}
