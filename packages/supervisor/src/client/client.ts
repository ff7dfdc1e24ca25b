import { Agent, type IncomingMessage, request } from 'node:http';
import { errorFromBody, TowpathError } from '@towpath/contract';
import {
  OwnerAnswer,
  type OwnerCheck,
  type ProcessSpecInput,
  ProcessState,
  SupervisorHealth,
} from '@towpath/contract/supervisor';
import { z } from 'zod';

interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** How long one long poll lasts at the most; wait() makes as many as it needs. */
const longestPollMs = 60_000;

/**
 * Speaks to a supervisor over its unix socket. Every call may be repeated without harm. Errors are TowpathErrors: the supervisor's
 * own codes, and supervisor_away when nobody answers or the connection breaks.
 */
export class SupervisorClient {
  readonly #socket: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Closes idle connections; running calls go on. */
  close(): void {
    this.#agent.destroy();
  }

  /** One that hangs, or was stopped, is away as well. In ms. */
  async health(withinMs = 5_000): Promise<SupervisorHealth> {
    const signal = AbortSignal.timeout(withinMs);
    try {
      return await this.#json({ method: 'GET', path: '/health', signal }, SupervisorHealth);
    } catch (error) {
      throw signal.aborted ? this.#away(new Error(`no answer within ${withinMs} ms`)) : error;
    }
  }

  /** Starts it, or says how it is: a key starts once. Resolves when it would outlive whatever process dies now. */
  start(key: string, epoch: number, spec: ProcessSpecInput): Promise<ProcessState> {
    return this.#json({ method: 'PUT', path: pathOf(key), body: { epoch, spec } }, ProcessState);
  }

  /** With the ports that its members listen on now. Throws unknown_process. */
  get(key: string): Promise<ProcessState> {
    return this.#json({ method: 'GET', path: pathOf(key) }, ProcessState);
  }

  /** Owner: exact, or a prefix that ends in "/"; without one, all. */
  list(owner?: string): Promise<ProcessState[]> {
    const query = owner === undefined ? '' : `?owner=${encodeURIComponent(owner)}`;
    return this.#json({ method: 'GET', path: `/processes${query}` }, z.array(ProcessState));
  }

  /** Resolves with the last state as soon as it has ended; with timeoutMs, at the latest then, with whatever state it has. */
  async wait(key: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<ProcessState> {
    const until = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.timeoutMs;
    for (;;) {
      const timeoutMs = Math.max(0, Math.min(longestPollMs, until - Date.now()));
      const path = `${pathOf(key)}/wait?timeoutMs=${timeoutMs}`;
      const state = await this.#json({ method: 'GET', path, signal: options.signal }, ProcessState);
      if (state.phase === 'exited' || state.phase === 'stopped' || Date.now() >= until) return state;
    }
  }

  /** Its output from a byte offset; with follow, until it has ended and every byte was given. */
  async *logs(
    key: string,
    offset = 0,
    options: { follow?: boolean; signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    const path = `${pathOf(key)}/logs?offset=${offset}${options.follow ? '&follow=1' : ''}`;
    const response = await this.#send({ method: 'GET', path, signal: options.signal });
    try {
      for await (const bytes of response) yield bytes;
    } catch (error) {
      throw options.signal?.aborted ? error : this.#away(error);
    } finally {
      response.destroy();
    }
  }

  /** Records the intention and begins to end the whole group; wait() says when nothing of it is left. */
  stop(key: string, epoch: number, graceMs?: number): Promise<ProcessState> {
    const body = { epoch, ...(graceMs === undefined ? {} : { graceMs }) };
    return this.#json({ method: 'POST', path: `${pathOf(key)}/stop`, body }, ProcessState);
  }

  /** Forgets an ended process and its log. Throws not_ended, unknown_process. */
  async forget(key: string, epoch: number): Promise<void> {
    await this.#done({ method: 'DELETE', path: `${pathOf(key)}?epoch=${epoch}` });
  }

  /** Who answers on this port, or at the other end of this connection? */
  ownerCheck(check: OwnerCheck): Promise<OwnerAnswer> {
    return this.#json({ method: 'POST', path: '/owner-check', body: check }, OwnerAnswer);
  }

  /** From now on older epochs are refused for this owner. */
  async fence(owner: string, epoch: number): Promise<void> {
    await this.#done({ method: 'POST', path: '/fence', body: { owner, epoch } });
  }

  /** Reads the configuration again and starts server | router | postgres in place of the old one. Resolves when it was started. */
  restartSystem(name: string): Promise<ProcessState> {
    return this.#json({ method: 'POST', path: `/system/${encodeURIComponent(name)}/restart`, body: {} }, ProcessState);
  }

  /**
   * Ends the system, with `processes` replicas and stages too, then the supervisor. Resolves when the intention is recorded; the socket's
   * file is gone when all is done, and only then.
   */
  async shutdown(processes = false): Promise<void> {
    await this.#done({ method: 'POST', path: '/shutdown', body: { processes } });
  }

  async #json<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
    const text = await this.#text(call);
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new TowpathError(
      'internal',
      `${call.method} ${call.path}: unexpected answer: ${z.prettifyError(parsed.error)}`,
    );
  }

  async #done(call: Call): Promise<void> {
    await this.#text(call);
  }

  async #text(call: Call): Promise<string> {
    const response = await this.#send(call);
    return readAll(response).catch((error: unknown) => Promise.reject(this.#away(error)));
  }

  /** Resolves with a good answer; others are turned into their error. */
  async #send(call: Call): Promise<IncomingMessage> {
    const response = await this.#attempt(call, true);
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const text = await readAll(response).catch(() => '');
    throw errorFromBody(parseJson(text), status);
  }

  #attempt(call: Call, again: boolean): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { method, path, signal } = call;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { socketPath: this.#socket, agent: this.#agent, method, path, headers };
    const sent = request({ ...options, ...(signal === undefined ? {} : { signal }) }, resolve);
    sent.on('error', (error) => {
      if (signal?.aborted) reject(error);
      // A kept connection may have gone with the supervisor before this one.
      else if (again && sent.reusedSocket) this.#attempt(call, false).then(resolve, reject);
      else reject(this.#away(error));
    });
    sent.end(body);
    return promise;
  }

  #away(error: unknown): TowpathError {
    const why = error instanceof Error ? error.message : String(error);
    return new TowpathError('supervisor_away', `the supervisor does not answer on ${this.#socket}: ${why}`, {
      cause: error,
    });
  }
}

function pathOf(key: string): string {
  return `/processes/${encodeURIComponent(key)}`;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
