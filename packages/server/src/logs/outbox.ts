import { dueIn } from '../domain/logs/batch.ts';

export interface Piece {
  readonly at: Date;
  readonly bytes: Buffer;
}

/** Between what is read and what is written: so much may wait, then the reader does. */
const mostWaiting = 1_000_000;

/**
 * Gathers pieces and writes them in batches, one write at a time, in order. `write` is given all that waits, and up to where the raw output
 * is covered by it.
 */
export class Outbox {
  readonly #write: (pieces: readonly Piece[], raw: number) => Promise<void>;
  readonly #onFailure: () => void;
  #pieces: Piece[] = [];
  #bytes = 0;
  #raw = 0;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failed: { readonly error: unknown } | null = null;

  /** @param onFailure called once, when a write has failed: nothing is written after that */
  constructor(write: (pieces: readonly Piece[], raw: number) => Promise<void>, onFailure: () => void) {
    this.#write = write;
    this.#onFailure = onFailure;
  }

  /** What a write threw; null: none has failed. */
  get failure(): unknown {
    return this.#failed?.error ?? null;
  }

  /** Resolves when there is room for more. Throws what a write threw. */
  async put(bytes: Buffer, raw: number): Promise<void> {
    this.#raw = raw;
    if (bytes.length > 0) {
      this.#pieces.push({ at: new Date(), bytes });
      this.#bytes += bytes.length;
      this.#schedule();
    }
    while (this.#bytes > mostWaiting && this.#failed === null) await this.#writing;
    this.#check();
  }

  /** Resolves when all is written. Throws what a write threw. */
  async empty(): Promise<void> {
    while (this.#failed === null && (this.#bytes > 0 || this.#writing !== null)) {
      this.#flush();
      await this.#writing;
    }
    this.#check();
  }

  /** Nothing is written any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#bytes = 0;
    this.#pieces = [];
  }

  #check(): void {
    if (this.#failed !== null) throw this.#failed.error;
  }

  #schedule(): void {
    if (this.#writing !== null || this.#bytes === 0 || this.#failed !== null) return;
    clearTimeout(this.#timer);
    const ms = dueIn({ bytes: this.#bytes, sinceWriteMs: performance.now() - this.#wroteAt });
    if (ms === 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), ms);
  }

  #flush(): void {
    if (this.#writing !== null || this.#bytes === 0 || this.#failed !== null) return;
    clearTimeout(this.#timer);
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    this.#wroteAt = performance.now();
    this.#writing = this.#write(pieces, this.#raw).then(
      () => this.#written(),
      (error: unknown) => {
        this.#failed ??= { error };
        this.#writing = null;
        this.#onFailure();
      },
    );
  }

  #written(): void {
    this.#writing = null;
    this.#schedule();
  }
}
