/** Tells those who wait when the router's state has changed. */
export class Board {
  #revision = 1;
  readonly #waiting = new Set<() => void>();

  get revision(): number {
    return this.#revision;
  }

  changed(): void {
    this.#revision++;
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Resolves when the revision is over `after`, at once if it is, or after `timeoutMs`, or when the signal is aborted. A revision that was
   * never reached is of another instance, so that everything has changed since.
   */
  wait(after: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#revision !== after || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }
}
