import { isPassedTrailer } from './fields.ts';
import { type AnswerHead, fieldName, fieldValue, forbidden, MalformedAnswer, readHead } from './head.ts';

export interface AnswerSink {
  onContinue(): void;
  onHead(head: AnswerHead): void;
  onBody(chunk: Buffer): void;
  /** `last` is the body's last piece where it came with the end. */
  onEnd(last: Buffer | null, trailers: string[]): void;
  /** 101: its header lines as they came, and the first bytes of the other protocol. */
  onUpgrade(lines: readonly string[], rest: Buffer): void;
}

type State = 'head' | 'length' | 'size' | 'chunk' | 'chunkEnd' | 'trailers' | 'close' | 'done';

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const size = /^[0-9a-fA-F]{1,12}$/;
const nothing: string[] = [];
const maxSizeLine = 1024;

/**
 * Reads the answers of one connection, strictly: whatever two readers could take differently (both length and chunked, a folded line,
 * a bare line feed, a repeated length) is refused, since the client behind us would be the second reader.
 */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #maxHead: number;
  #state: State = 'done';
  #partial: Buffer | null = null;
  #left = 0;
  #headRequest = false;
  #upgrade = false;
  #trailers: string[] = nothing;
  #trailerBytes = 0;

  constructor(sink: AnswerSink, maxHead: number) {
    this.#sink = sink;
    this.#maxHead = maxHead;
  }

  /** The answer to the next request is expected. */
  begin(headRequest: boolean, upgrade: boolean): void {
    this.#state = 'head';
    this.#partial = null;
    this.#headRequest = headRequest;
    this.#upgrade = upgrade;
  }

  /**
   * Takes what arrived. Throws MalformedAnswer; that may be after the answer's end was reported, when bytes follow that nobody
   * asked for: the answer stands then, the connection does not.
   */
  execute(data: Buffer): void {
    const partial = this.#partial;
    const chunk = partial === null ? data : Buffer.concat([partial, data]);
    this.#partial = null;
    let at = 0;
    let searched = partial === null ? 0 : partial.length;
    while (at < chunk.length) {
      const next = this.#step(chunk, at, searched);
      if (next < 0) {
        this.#partial = at === 0 ? chunk : chunk.subarray(at);
        return;
      }
      at = next;
      searched = at;
    }
  }

  /** The replica closed its side. True when that was the end of the answer, which is then reported. */
  finish(): boolean {
    if (this.#state !== 'close') return false;
    this.#end(null);
    return true;
  }

  /** One step from `at`; bytes before `searched` hold no end of a head. Returns where the next step starts, -1 when more must arrive. */
  #step(chunk: Buffer, at: number, searched: number): number {
    switch (this.#state) {
      case 'length':
      case 'chunk':
        return this.#body(chunk, at);
      case 'head':
        return this.#head(chunk, at, searched);
      case 'size':
        return this.#size(chunk, at);
      case 'chunkEnd':
        if (chunk.length - at < 2) return -1;
        if (chunk[at] !== 0x0d || chunk[at + 1] !== 0x0a)
          throw new MalformedAnswer('a chunk is longer than its size says');
        this.#state = 'size';
        return at + 2;
      case 'trailers':
        return this.#trailer(chunk, at);
      case 'close':
        this.#sink.onBody(at === 0 ? chunk : chunk.subarray(at));
        return chunk.length;
      case 'done':
        throw new MalformedAnswer('bytes after the end of the answer');
    }
  }

  #body(chunk: Buffer, at: number): number {
    const available = chunk.length - at;
    const take = Math.min(available, this.#left);
    const piece = take === chunk.length ? chunk : chunk.subarray(at, at + take);
    this.#left -= take;
    if (this.#left > 0) this.#sink.onBody(piece);
    else if (this.#state === 'length') this.#end(piece);
    else {
      this.#state = 'chunkEnd';
      this.#sink.onBody(piece);
    }
    return at + take;
  }

  #size(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\r\n', at, 'latin1');
    if (end < 0 || end - at > maxSizeLine) {
      if (chunk.length - at > maxSizeLine)
        throw new MalformedAnswer('the size of a chunk is not given within its line');
      return -1;
    }
    const line = chunk.toString('latin1', at, end);
    const extension = line.indexOf(';');
    const hex = extension < 0 ? line : line.slice(0, extension);
    if (!size.test(hex) || forbidden.test(line)) throw new MalformedAnswer('the size of a chunk is not a number');
    this.#left = Number.parseInt(hex, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    this.#trailers = nothing;
    this.#trailerBytes = 0;
    return end + 2;
  }

  #trailer(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\r\n', at, 'latin1');
    if ((end < 0 ? chunk.length : end) - at + this.#trailerBytes > this.#maxHead) {
      throw new MalformedAnswer(`trailers of more than ${this.#maxHead} bytes`);
    }
    if (end < 0) return -1;
    this.#trailerBytes += end + 2 - at;
    if (end === at) {
      this.#end(null);
      return end + 2;
    }
    const line = chunk.toString('latin1', at, end);
    const name = fieldName(line);
    const value = fieldValue(line, name);
    if (isPassedTrailer(name.toLowerCase())) this.#trailers = [...this.#trailers, name, value];
    return end + 2;
  }

  #end(last: Buffer | null): void {
    this.#state = 'done';
    this.#sink.onEnd(last, this.#trailers);
  }

  #head(chunk: Buffer, at: number, searched: number): number {
    const end = chunk.indexOf('\r\n\r\n', Math.max(at, searched - 3), 'latin1');
    if ((end < 0 ? chunk.length : end) - at > this.#maxHead)
      throw new MalformedAnswer(`a head of more than ${this.#maxHead} bytes`);
    if (end < 0) return -1;
    const after = end + 4;
    const lines = chunk.toString('latin1', at, end).split('\r\n');
    const first = statusLine.exec(lines[0] ?? '');
    if (first === null || forbidden.test(first[3] ?? '')) throw new MalformedAnswer('no status line of HTTP/1.1');
    const status = Number(first[2]);
    if (status === 100) {
      this.#sink.onContinue();
      return after;
    }
    // 102 and 103 are hints: left out rather than passed to a client that may not know them.
    if (status < 200 && status !== 101) return after;
    const bodiless = this.#headRequest || status === 101 || status === 204 || status === 304;
    const { head, chunked, length } = readHead(lines, status, first[3] ?? '', first[1] === '1', bodiless);
    if (status === 101) {
      if (!this.#upgrade) throw new MalformedAnswer('101 without having been asked to switch');
      this.#state = 'done';
      this.#sink.onUpgrade(lines.slice(1), chunk.subarray(after));
      return chunk.length;
    }
    this.#trailers = nothing;
    this.#sink.onHead(head);
    if (length === 0) this.#end(null);
    else if (chunked) this.#state = 'size';
    else if (length === null) this.#state = 'close';
    else {
      this.#left = length;
      this.#state = 'length';
    }
    return after;
  }
}
