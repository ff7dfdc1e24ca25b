import type { Changes } from '../dispatcher.ts';

/** Changes that a test tells of. */
export class FakeChanges implements Changes<string> {
  readonly #listeners = new Map<string, Set<() => void>>();

  on(topic: string, listener: () => void): () => void {
    const set = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, set.add(listener));
    return () => set.delete(listener);
  }

  tell(topic: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}
