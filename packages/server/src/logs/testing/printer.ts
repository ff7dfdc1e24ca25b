import { EventEmitter, once } from 'node:events';

/** A process that prints what a test says, read by offset like a real one's; a second printer on it is another connection to it. */
export class Printer {
  readonly #of: Printer;
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** Of what is read at a time. */
  pieceBytes = 65_536;
  #output = Buffer.alloc(0);
  #ended = false;
  #broken: { readonly error: Error; readonly once: boolean } | null = null;
  #frozen = false;

  constructor(of?: Printer) {
    this.#of = of ?? this;
  }

  get ended(): boolean {
    return this.#of.#ended;
  }

  print(bytes: Uint8Array | string): void {
    this.#output = Buffer.concat([this.#output, Buffer.from(bytes)]);
    this.#events.emit('change');
  }

  end(): void {
    this.#ended = true;
    this.#events.emit('change');
  }

  /** Whoever reads over this connection gets the error, from now on or once. */
  breakOff(error: Error, times: 'always' | 'once' = 'always'): void {
    this.#broken = { error, once: times === 'once' };
    this.#of.#events.emit('change');
  }

  /** Nothing comes over this connection. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#of.#events.emit('change');
  }

  async *read(offset: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const of = this.#of;
    for (let at = offset; ; ) {
      signal.throwIfAborted();
      if (this.#broken !== null) {
        const { error, once } = this.#broken;
        if (once) this.#broken = null;
        throw error;
      }
      const bytes = this.#frozen ? Buffer.alloc(0) : of.#output.subarray(at, at + this.pieceBytes);
      at += bytes.length;
      if (bytes.length > 0) yield bytes;
      else if (of.#ended && !this.#frozen) return;
      else await once(of.#events, 'change', { signal });
    }
  }
}
