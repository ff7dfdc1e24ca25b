import { setTimeout as sleep } from 'node:timers/promises';
import { batchBytes } from '../domain/logs/batch.ts';

/** So long after a full batch was written more of them are expected, or what the process printed is being read for its report. In ms. */
const busyMs = 3_000;
/** What all viewers together are given meanwhile, in bytes a second: some percent of a processor. */
const bytesPerSecond = 8_000_000;
const turnMs = 25;
const bytesPerTurn = (bytesPerSecond * turnMs) / 1_000;

/**
 * Lets what is printed be stored before it is shown: while a process prints faster than can be written line by line, its viewers share a
 * bounded part of this server, so that any number of them costs the process nothing. What they have not seen by then comes just after.
 */
export class Pace {
  #busyUntil = Number.NEGATIVE_INFINITY;
  #left = bytesPerTurn;
  #turn: Promise<void> | null = null;

  /** A batch of so many bytes is being stored. */
  stored(bytes: number): void {
    if (bytes >= batchBytes) this.#busyUntil = performance.now() + busyMs;
  }

  /** Before so many bytes are shown: resolves when there is room for them. */
  async room(bytes: number): Promise<void> {
    while (this.#left <= 0 && this.#isBusy) {
      this.#turn ??= this.#next();
      await this.#turn;
    }
    if (this.#isBusy) this.#left -= bytes;
  }

  get #isBusy(): boolean {
    return performance.now() < this.#busyUntil;
  }

  async #next(): Promise<void> {
    await sleep(turnMs);
    this.#left = Math.min(bytesPerTurn, this.#left + bytesPerTurn);
    this.#turn = null;
  }
}
