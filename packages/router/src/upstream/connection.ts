import { connect, type Socket } from 'node:net';
import type { Address } from '@towpath/contract/router';
import type { AnswerHead } from './head.ts';
import { AnswerParser, type AnswerSink } from './parser.ts';

/**
 * connect: never established, so nothing was sent. silent: lost before the first byte of an answer. broken: lost in the middle of one.
 * stalled: the replica stopped answering its health checks, and the request may as well be sent elsewhere.
 * malformed: the answer breaks the rules of HTTP. cut: ended by the router, the drain time being over.
 */
export interface Failure {
  readonly kind: 'connect' | 'silent' | 'broken' | 'stalled' | 'malformed' | 'cut';
  readonly message: string;
}

/** Who sent a request on a connection. Exactly one of onEnd, onUpgrade and onFailure comes, last, unless the caller abandons it. */
export interface Caller {
  /** The connection stands and the head was written: the body may follow. Only where a body was announced. */
  onReady(): void;
  onContinue(): void;
  onHead(head: AnswerHead): void;
  onBody(chunk: Buffer): void;
  onEnd(last: Buffer | null, trailers: string[]): void;
  /** All that has arrived so far was handed over. */
  onDelivered(): void;
  /** The socket belongs to the caller now; cut() of the connection still ends it, with onFailure. */
  onUpgrade(lines: readonly string[], rest: Buffer, socket: Socket): void;
  /** The replica takes more of the body again. */
  onDrain(): void;
  onFailure(failure: Failure): void;
}

/** What a connection is for: one request, as it goes on the wire. */
export interface Outgoing {
  /** Request line, header and empty line, in latin1. */
  readonly head: string;
  readonly headRequest: boolean;
  readonly hasBody: boolean;
  readonly upgrade: boolean;
  /** Sent twice it does no more than once, and it has no body that could be used up. */
  readonly repeatable: boolean;
}

export interface Keeper {
  onIdle(connection: Connection, keepAliveMs: number | null): void;
  onGone(connection: Connection): void;
}

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly headerBytes: number;
}

/** One connection to a replica: one request at a time, kept for the next one where both sides allow it. */
export class Connection implements AnswerSink {
  readonly socket: Socket;
  /** Requests that were begun on it. */
  used = 0;
  /** performance.now() when it last became idle. */
  idleSince = 0;
  /** performance.now() after which it takes no further request. */
  usableUntil = 0;
  /** performance.now() until which it is left open though idle, so that its owner can be looked up. */
  holdUntil = 0;
  readonly #keeper: Keeper;
  readonly #parser: AnswerParser;
  #caller: Caller | null = null;
  #connected = false;
  #closed = false;
  #answered = false;
  #complete = false;
  #upgraded = false;
  #bodySent = true;
  #repeatable = false;
  #keepAlive = false;
  #keepAliveMs: number | null = null;
  #error: string | null = null;
  #connectTimer: NodeJS.Timeout | null;

  constructor(address: Address, limits: ConnectionLimits, keeper: Keeper) {
    this.#keeper = keeper;
    this.#parser = new AnswerParser(this, limits.headerBytes);
    const socket =
      'socket' in address
        ? connect({ path: address.socket, allowHalfOpen: true })
        : connect({ host: address.host, port: address.port, noDelay: true, allowHalfOpen: true });
    this.socket = socket;
    this.#connectTimer = setTimeout(() => {
      this.#error = `no connection within ${limits.connectTimeoutMs} ms`;
      this.#lost();
    }, limits.connectTimeoutMs);
    socket.on('connect', () => this.#onConnect());
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onFin());
    socket.on('drain', () => this.#caller?.onDrain());
    socket.on('error', (error) => {
      this.#error = error.message;
    });
    socket.on('close', () => this.#lost());
  }

  get idle(): boolean {
    return this.#caller === null && !this.#closed;
  }

  /** False once either side has begun to end it, before its events say so. */
  get open(): boolean {
    return this.socket.writable && this.socket.readable;
  }

  /** Sends a request. The connection must be idle, or new. */
  begin(caller: Caller, request: Outgoing): void {
    this.#caller = caller;
    this.used++;
    this.#answered = false;
    this.#complete = false;
    this.#keepAlive = false;
    this.#bodySent = !request.hasBody;
    this.#repeatable = request.repeatable;
    this.#parser.begin(request.headRequest, request.upgrade);
    if (!request.hasBody) {
      this.socket.write(request.head, 'latin1');
      return;
    }
    // A small body arrives with its head; corked, both leave in one packet too.
    this.socket.cork();
    this.socket.write(request.head, 'latin1');
    if (this.#connected) caller.onReady();
    process.nextTick(() => this.socket.uncork());
  }

  /** Returns false when the caller should wait for onDrain. */
  write(chunk: Buffer): boolean {
    return this.socket.write(chunk);
  }

  /** Framing of a chunked body, in ASCII. */
  writeText(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The whole body was written; before that the connection cannot be kept. */
  bodySent(): void {
    this.#bodySent = true;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** The caller wants nothing more of it and hears nothing more. */
  abandon(): void {
    this.#caller = null;
    this.close();
  }

  /** Takes a request back from a replica that does not answer, where it may be sent to another one instead. */
  takeBack(message: string): void {
    if (this.#caller === null || this.#answered || !this.#repeatable) return;
    this.#fail({ kind: 'stalled', message });
    this.close();
  }

  /** Ends it with whatever goes on there; the caller hears `cut`. */
  cut(message: string): void {
    this.#fail({ kind: 'cut', message });
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopConnectTimer();
    this.socket.destroy();
    this.#keeper.onGone(this);
  }

  onContinue(): void {
    this.#caller?.onContinue();
  }

  onHead(head: AnswerHead): void {
    this.#keepAlive = head.keepAlive;
    this.#keepAliveMs = head.keepAliveMs;
    this.#caller?.onHead(head);
  }

  onBody(chunk: Buffer): void {
    this.#caller?.onBody(chunk);
  }

  onEnd(last: Buffer | null, trailers: string[]): void {
    const caller = this.#caller;
    this.#caller = null;
    this.#complete = true;
    caller?.onEnd(last, trailers);
  }

  onUpgrade(lines: readonly string[], rest: Buffer): void {
    this.#upgraded = true;
    this.socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('drain');
    this.#caller?.onUpgrade(lines, rest, this.socket);
  }

  #onConnect(): void {
    this.#connected = true;
    this.#stopConnectTimer();
    if (!this.#bodySent) this.#caller?.onReady();
  }

  #onData(chunk: Buffer): void {
    if (this.#caller === null) {
      // Bytes that nobody asked for: an idle connection cannot be trusted any more.
      this.close();
      return;
    }
    this.#answered = true;
    try {
      this.#parser.execute(chunk);
    } catch (error) {
      this.#fail({ kind: 'malformed', message: error instanceof Error ? error.message : String(error) });
      this.close();
      return;
    }
    if (this.#upgraded) return;
    if (this.#complete) this.#settle();
    else this.#caller?.onDelivered();
  }

  #settle(): void {
    this.#complete = false;
    if (this.#closed) return;
    // Paused by the caller that just left; an idle connection must see its end.
    if (this.socket.isPaused()) this.socket.resume();
    if (this.#keepAlive && this.#bodySent && !this.socket.readableEnded) this.#keeper.onIdle(this, this.#keepAliveMs);
    else this.close();
  }

  #onFin(): void {
    if (this.#caller !== null) this.#parser.finish();
    this.#lost();
  }

  /** The connection is gone, or must go: whoever waits on it hears why. */
  #lost(): void {
    const why = this.#error ?? 'the connection was closed';
    if (!this.#upgraded) {
      const kind = this.#connected ? (this.#answered ? 'broken' : 'silent') : 'connect';
      this.#fail({ kind, message: why });
    }
    this.close();
  }

  #fail(failure: Failure): void {
    const caller = this.#caller;
    if (caller === null) return;
    this.#caller = null;
    this.#keeper.onGone(this);
    caller.onFailure(failure);
  }

  #stopConnectTimer(): void {
    if (this.#connectTimer === null) return;
    clearTimeout(this.#connectTimer);
    this.#connectTimer = null;
  }
}
