/** One message of `text/event-stream`. `data` is null where only a position was told, or nothing but a comment. */
export interface SseMessage {
  readonly id: string | null;
  readonly event: string;
  readonly data: string | null;
}

/** A message of this many characters is none of Towpath's: what sends it is something else. */
const longest = 8_000_000;

/**
 * Reads server-sent events from text that comes in pieces, cut anywhere. As the HTML standard describes them, but that a position
 * without data is a message here, too. Throws when a message grows over 8 million characters.
 */
export class SseReader {
  /** The beginning of a line whose end has not come yet. */
  #rest = '';
  #size = 0;
  #id: string | null = null;
  #event = '';
  #data: string[] = [];

  /** The messages that this piece completes. */
  push(piece: string): SseMessage[] {
    const found: SseMessage[] = [];
    const text = this.#rest + piece;
    let from = 0;
    // All of the rest was searched before, but for a carriage return at its end.
    for (let at = nextBreak(text, Math.max(0, this.#rest.length - 1)); at !== -1; at = nextBreak(text, from)) {
      const line = text.slice(from, at);
      from = at + (text.startsWith('\r\n', at) ? 2 : 1);
      const message = line === '' ? this.#dispatch() : this.#take(line);
      if (message !== null) found.push(message);
    }
    this.#rest = text.slice(from);
    if (this.#size + this.#rest.length > longest) throw new Error('a message of the stream is too long');
    return found;
  }

  #take(line: string): null {
    this.#size += line.length;
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #dispatch(): SseMessage | null {
    const message = {
      id: this.#id,
      event: this.#event === '' ? 'message' : this.#event,
      data: this.#data.length === 0 ? null : this.#data.join('\n'),
    };
    this.#size = 0;
    this.#id = null;
    this.#event = '';
    this.#data = [];
    return message.id === null && message.data === null ? null : message;
  }
}

/** Where a line ends; -1: not yet. A carriage return at the very end may be half of a line break: it waits for what comes. */
function nextBreak(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const carriage = text.slice(from, feed === -1 ? undefined : feed).indexOf('\r');
  if (carriage === -1) return feed;
  return from + carriage === text.length - 1 ? -1 : from + carriage;
}
