import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { breakOff } from './break.ts';
import { Dispatch, isIdempotent } from './dispatch.ts';
import type { RequestHead } from './request.ts';
import { refuse, type Service, type Waiting } from './service.ts';
import type { Failure } from './upstream/connection.ts';
import { isPassedTrailer } from './upstream/fields.ts';
import type { AnswerHead } from './upstream/head.ts';

/** How long a client that expects "100 Continue" waits for a replica that does not know it (RFC 9110 §10.1.1). */
const continueMs = 1_000;

/** An answer whose body goes on for longer is a stream: how long that takes says nothing of the service. */
const streamMs = 10_000;

/** One user's request and its answer: both bodies stream, each at the pace of its reader. */
export class Exchange extends Dispatch implements Waiting {
  protected readonly service: Service;
  protected readonly request: IncomingMessage;
  protected readonly response: ServerResponse;
  /** performance.now() of the request's arrival. */
  readonly #begunAt = performance.now();
  /** performance.now() of the last sign of progress before the answer. */
  progressAt = this.#begunAt;
  /** performance.now() when the answer's head came. */
  #headAt = 0;
  #eventStream = false;
  readonly #body: RequestHead['body'];
  readonly #expectContinue: boolean;
  #bodyBegun = false;
  #bodyRead = false;
  #headPending = false;
  #watchesDrain = false;
  #done = false;
  #continueTimer: NodeJS.Timeout | null = null;

  constructor(
    service: Service,
    host: string,
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    options: { readonly expectContinue: boolean; readonly upgrade: boolean },
  ) {
    const method = request.method ?? 'GET';
    const idempotent = isIdempotent(method);
    const hasBody = head.body !== 'none';
    const repeatable = idempotent && !hasBody && !options.upgrade;
    super(
      service.find,
      host,
      { head: head.text, headRequest: method === 'HEAD', hasBody, upgrade: options.upgrade, repeatable },
      idempotent,
    );
    this.service = service;
    this.request = request;
    this.response = response;
    this.#body = head.body;
    this.#expectContinue = options.expectContinue && hasBody;
    response.on('close', () => this.#onClientGone());
    if (service.answerTimeoutMs !== null) service.waiting.add(this);
  }

  get bodyBegun(): boolean {
    return this.#bodyBegun;
  }

  onReady(): void {
    if (!this.#expectContinue) {
      this.#beginBody();
      return;
    }
    this.#continueTimer = setTimeout(() => this.onContinue(), continueMs);
  }

  onContinue(): void {
    if (!this.#expectContinue || this.#bodyBegun || this.#done) return;
    this.#stopContinueTimer();
    this.response.writeContinue();
    this.#beginBody();
  }

  onHead(head: AnswerHead): void {
    this.service.waiting.delete(this);
    const { response, request } = this;
    const headers = head.headers;
    const canChunk = !head.sized && request.httpVersionMinor === 1;
    if (head.trailer !== null && canChunk) headers.push('Trailer', head.trailer);
    if (this.service.stopping) headers.push('Connection', 'close');
    response.writeHead(head.status, head.reason, headers);
    this.#headPending = true;
    this.#headAt = performance.now();
    this.#eventStream = !head.sized && isEventStream(head.headers);
    this.backend?.tally.answered(head.status);
  }

  onBody(chunk: Buffer): void {
    this.#headPending = false;
    if (this.response.write(chunk)) return;
    this.connection?.pause();
    if (this.#watchesDrain) return;
    this.#watchesDrain = true;
    this.watchDrain(() => this.connection?.resume());
  }

  protected watchDrain(listener: () => void): void {
    this.response.on('drain', listener);
  }

  onDelivered(): void {
    if (!this.#headPending) return;
    this.#headPending = false;
    this.response.flushHeaders();
  }

  onEnd(last: Buffer | null, trailers: string[]): void {
    this.settle();
    if (trailers.length > 0 && this.response.chunkedEncoding) this.response.addTrailers(pairs(trailers));
    if (last === null) this.response.end();
    else this.response.end(last);
    const now = performance.now();
    if (this.#isStream(now)) this.backend?.tally.streamed();
    else this.backend?.tally.timed(now - this.#begunAt);
    this.leave();
  }

  onDrain(): void {
    if (this.#bodyBegun) this.request.resume();
  }

  onUpgrade(_lines: readonly string[], _rest: Buffer, _socket: Socket): void {
    // The parser refuses a 101 that was not asked for; UpgradeExchange asks.
  }

  /** Nothing has come for too long. */
  onTimeout(): void {
    // A body that is held back is not the client's fault: the service does not read.
    const waitsForClient = this.#bodyBegun && !this.#bodyRead && !this.request.isPaused();
    const seconds = (this.service.answerTimeoutMs ?? 0) / 1000;
    this.abandon();
    if (waitsForClient) this.#giveUp(408, `The request's body stopped for ${seconds} s.`, false);
    else this.#giveUp(504, `The service did not answer within ${seconds} s.`, true);
  }

  override onFailure(failure: Failure): void {
    this.#stopContinueTimer();
    super.onFailure(failure);
  }

  protected onNowhere(lost: Failure | null): void {
    this.#giveUp(
      503,
      'The service has no running replica that takes requests at the moment. Try again soon.',
      lost !== null,
    );
  }

  protected onLost(failure: Failure): void {
    if (failure.kind === 'cut') this.backend?.tally.cut();
    this.#giveUp(502, 'The service broke off before it had answered.', failure.kind !== 'cut');
  }

  /** The client gets an error, or, with an answer under way, a broken connection: never a part that looks whole. */
  #giveUp(status: number, message: string, failed: boolean): void {
    if (this.#done) return;
    this.settle();
    const { response, backend } = this;
    if (failed) backend?.tally.connectionFailed();
    const now = performance.now();
    if (response.headersSent) {
      if (this.#isStream(now)) backend?.tally.streamed();
      // An error that breaks off is counted as an error already.
      if (response.statusCode < 500 && (failed || !this.#isStream(now))) backend?.tally.broke();
      // Behind another answer it has no socket yet: destroyed, it ends the connection when its turn comes.
      if (response.socket === null) response.destroy();
      else breakOff(response.socket);
      return;
    }
    backend?.tally.answeredInstead(status);
    backend?.tally.timed(now - this.#begunAt);
    if (status === 408) response.shouldKeepAlive = false;
    refuse(this.service, response, status, message);
  }

  /** The client's side is decided; what is left of its body is read away, so that its connection can go on. */
  protected settle(): void {
    this.#done = true;
    this.service.waiting.delete(this);
    this.#stopContinueTimer();
    if (this.#bodyBegun && !this.#bodyRead) this.request.resume();
  }

  #onClientGone(): void {
    if (this.#done) return;
    this.settle();
    const tally = this.backend?.tally;
    if (!this.response.headersSent) tally?.left();
    else if (this.#isStream(performance.now())) tally?.streamed();
    else tally?.aborted();
    this.abandon();
  }

  /** With its head sent: is the answer one that is not timed? */
  #isStream(now: number): boolean {
    return this.#eventStream || now - this.#headAt > streamMs;
  }

  #beginBody(): void {
    this.#bodyBegun = true;
    const { request } = this;
    const chunked = this.#body === 'chunked';
    request.on('data', (chunk: Buffer) => {
      this.progressAt = performance.now();
      const connection = this.connection;
      if (connection === null) return;
      if (chunked) connection.writeText(`${chunk.length.toString(16)}\r\n`);
      const more = connection.write(chunk);
      if (chunked) connection.writeText('\r\n');
      if (!more) request.pause();
    });
    request.on('end', () => {
      this.#bodyRead = true;
      this.progressAt = performance.now();
      if (chunked) this.connection?.writeText(`0\r\n${trailerLines(request.rawTrailers)}\r\n`);
      this.connection?.bodySent();
    });
  }

  #stopContinueTimer(): void {
    if (this.#continueTimer === null) return;
    clearTimeout(this.#continueTimer);
    this.#continueTimer = null;
  }
}

function isEventStream(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'content-type') return /^text\/event-stream\b/i.test(headers[i + 1] ?? '');
  }
  return false;
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return list;
}

/** A request's trailers as they go on the wire, without those that would decide about framing or routing. */
function trailerLines(raw: readonly string[]): string {
  let text = '';
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (isPassedTrailer(name.toLowerCase())) text += `${name}: ${raw[i + 1] ?? ''}\r\n`;
  }
  return text;
}
