import type { Socket } from 'node:net';
import { pickBackend, pickReplica } from './choose.ts';
import type { LiveBackend, LiveRoute } from './live.ts';
import type { Replica } from './replica.ts';
import type { Caller, Connection, Failure, Outgoing } from './upstream/connection.ts';
import type { AnswerHead } from './upstream/head.ts';

/** Where the route of a request is found: in the table that is served at that moment. */
export type FindRoute = (host: string) => LiveRoute | undefined;

/** A connection idle for longer is not trusted with a request that must not be sent twice. */
const trustedIdleMs = 1_000;
const nobody: readonly Replica[] = [];

/**
 * A request on its way to a replica: chooses one, and another one where it is certain that the first never saw it. A request is sent
 * again only when its connection was never established, or when a kept connection ended before any byte of an answer and the
 * request changes nothing when it comes twice.
 */
export abstract class Dispatch implements Caller {
  protected replica: Replica | null = null;
  protected connection: Connection | null = null;
  protected backend: LiveBackend | null = null;
  readonly #find: FindRoute;
  readonly #host: string;
  readonly #outgoing: Outgoing;
  /** Safe to send again while its body is untouched. */
  readonly #idempotent: boolean;
  readonly #point = Math.random();
  #tried = nobody;
  #fresh = false;

  constructor(find: FindRoute, host: string, outgoing: Outgoing, idempotent: boolean) {
    this.#find = find;
    this.#host = host;
    this.#outgoing = outgoing;
    this.#idempotent = idempotent;
  }

  /** Sends the request. `lost`: why the attempt before this one failed. */
  attempt(lost: Failure | null = null): void {
    const backend = this.chooseBackend(this.#find(this.#host));
    if (backend !== null) this.backend = backend;
    const replica = backend === null ? null : pickReplica(backend.replicas, backend.turn++, this.#tried);
    if (replica === null) {
      this.onNowhere(lost);
      return;
    }
    this.replica = replica;
    replica.began();
    const kept = this.#fresh ? null : replica.pool.take(this.#idempotent ? Number.POSITIVE_INFINITY : trustedIdleMs);
    this.connection = kept ?? replica.pool.connect();
    this.connection.begin(this, this.#outgoing);
  }

  /** Ends the attempt without a word to anybody. */
  protected abandon(): void {
    this.connection?.abandon();
    this.leave();
  }

  /** The replica has done its part. */
  protected leave(): void {
    const replica = this.replica;
    this.connection = null;
    this.replica = null;
    replica?.ended();
  }

  protected chooseBackend(route: LiveRoute | undefined): LiveBackend | null {
    return route === undefined ? null : pickBackend(route.backends, this.#point);
  }

  onFailure(failure: Failure): void {
    const { replica, connection } = this;
    this.leave();
    const neverSeen = failure.kind === 'connect' && !this.bodyBegun;
    if (failure.kind === 'connect') replica?.refused(failure.message);
    if (replica !== null && (neverSeen || failure.kind === 'stalled')) {
      this.#tried = [...this.#tried, replica];
      this.attempt(failure);
      return;
    }
    const wasKept = connection !== null && connection.used > 1;
    if (failure.kind === 'silent' && wasKept && this.#idempotent && !this.bodyBegun) {
      this.#fresh = true;
      this.attempt(failure);
      return;
    }
    this.onLost(failure);
  }

  /** A byte of the body has left the client's stream, so that the request cannot be sent again. */
  protected abstract get bodyBegun(): boolean;
  /** No replica is left to try, or there was none. */
  protected abstract onNowhere(lost: Failure | null): void;
  /** The replica may have seen the request, and its answer will not come, or not whole. */
  protected abstract onLost(failure: Failure): void;
  abstract onReady(): void;
  abstract onContinue(): void;
  abstract onHead(head: AnswerHead): void;
  abstract onBody(chunk: Buffer): void;
  abstract onEnd(last: Buffer | null, trailers: string[]): void;
  abstract onDelivered(): void;
  abstract onUpgrade(lines: readonly string[], rest: Buffer, socket: Socket): void;
  abstract onDrain(): void;
}

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** RFC 9110 §9.2.2. */
export function isIdempotent(method: string): boolean {
  return idempotentMethods.has(method);
}
