import { errorFromBody, TowpathError } from '@towpath/contract';
import { type SseMessage, SseReader } from './sse.ts';

export interface FollowOptions {
  /** How long a stream that was lost is asked for again before its iterator throws; default: the client's. In milliseconds. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  /** `open`: messages come. `away`: the connection was lost, and is being made again. */
  readonly onState?: (state: 'open' | 'away') => void;
}

/** The server sends a comment every 15 s: a connection without one for three times that long is dead. */
const silenceMs = 45_000;
const firstWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * The messages of a stream, through lost connections and restarts of the server: it is asked for again where it was, after waits that
 * grow from 0.1 to 5 s. `open` makes a connection that goes on after the position, null at first; `patienceFor` says for how long what it
 * threw is borne, in milliseconds (-1: not at all). Ends after `event: end`; throws what the server says went wrong, and the signal's reason.
 */
export async function* resumed(
  open: (last: string | null, signal: AbortSignal) => Promise<Response>,
  patienceFor: (error: unknown, opened: boolean) => number,
  { signal, onState }: FollowOptions,
): AsyncGenerator<SseMessage> {
  let opened = false;
  let last: string | null = null;
  let waitMs = firstWaitMs;
  let lostAt = performance.now();
  for (;;) {
    const connection = new Connection(signal);
    try {
      const response = await open(last, connection.signal);
      opened = true;
      onState?.('open');
      for await (const message of connection.messages(response)) {
        waitMs = firstWaitMs;
        if (message.id !== null) last = message.id;
        if (message.event === 'error') throw errorIn(message);
        if (message.data !== null) yield message;
        if (message.event === 'end') return;
      }
      throw new Lost();
    } catch (error) {
      signal?.throwIfAborted();
      if (connection.heard) lostAt = performance.now();
      const cause = error instanceof Lost || connection.silent ? gone() : error;
      if (performance.now() - lostAt > patienceFor(cause, opened)) throw cause;
      onState?.('away');
    } finally {
      connection.close();
    }
    await sleep(waitMs * (0.5 + Math.random()), signal);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

/** The connection broke, or its server ended it. */
class Lost extends Error {}

const gone = () => new TowpathError('server_away', 'the stream broke off and could not be taken up again');

function errorIn(message: SseMessage): TowpathError {
  return errorFromBody(JSON.parse(message.data ?? 'null'), 500);
}

/** One connection's life: ended by the caller's signal, by silence, or when nobody reads on. */
class Connection {
  heard = false;
  /** Nothing came for too long. */
  silent = false;
  readonly #end = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #stop = () => this.#end.abort(this.#outer?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted === true) this.#stop();
    outer?.addEventListener('abort', this.#stop, { once: true });
    this.#listen();
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Not `for await` over the body: browsers have not all learned it. */
  async *messages(response: Response): AsyncGenerator<SseMessage> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    const decoder = new TextDecoder();
    const events = new SseReader();
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new Lost('the connection broke', { cause: error });
      });
      if (done) return;
      this.heard = true;
      const found = events.push(decoder.decode(value, { stream: true }));
      // The time that the caller takes for them is not the server's.
      if (found.length > 0) clearTimeout(this.#timer);
      yield* found;
      this.#listen();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#stop);
    this.#end.abort();
  }

  #listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.silent = true;
      this.#end.abort();
    }, silenceMs);
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', over);
      resolve();
    }, ms);
    signal?.addEventListener('abort', over, { once: true });
  });
}
