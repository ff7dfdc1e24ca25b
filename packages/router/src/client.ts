import { errorFromBody, TowpathError } from '@towpath/contract';
import { type Probe, ProbeAnswer, RouterState, RouterStats, type RouteTableInput } from '@towpath/contract/router';
import { request } from './http.ts';

export interface RouterClient {
  /** What it serves, and the health of every replica. */
  state(): Promise<RouterState>;
  /** Like state(), but answers when the revision is another one than `after`, or after `timeoutMs` (30 s when not given). */
  waitState(after: number, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<RouterState>;
  /** Resolves once the table is saved and served. Rejects with stale_generation, bad_request, disk_full. */
  apply(table: RouteTableInput, generation: number): Promise<RouterState>;
  probe(probe: Probe): Promise<ProbeAnswer>;
  /** All counts; with what was seen of the instance that runs, only those that changed since. */
  stats(seen?: { instance: string; after: number }): Promise<RouterStats>;
}

/** What is used of a schema. */
interface Schema<T> {
  parse(body: unknown): T;
}

interface Call<T> {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly answer: Schema<T>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What the router itself may take, in milliseconds; a frozen one counts as away after it. */
const patienceMs = 5_000;
const defaultWaitMs = 30_000;
const defaultProbeMs = 2_000;

/**
 * Speaks to the router on its unix socket. Every call may reject with router_away (no socket, refused, no answer in time), with what the
 * router refused it with, and with the signal's reason.
 */
export function routerClient(socketPath: string): RouterClient {
  const call = <T>(options: Call<T>): Promise<T> => ask(socketPath, options);
  return {
    state: () => call({ method: 'GET', path: '/state', answer: RouterState, timeoutMs: patienceMs }),
    waitState: (after, { timeoutMs = defaultWaitMs, signal } = {}) =>
      call({
        method: 'GET',
        path: `/state?after=${after}&timeoutMs=${timeoutMs}`,
        answer: RouterState,
        timeoutMs: timeoutMs + patienceMs,
        signal,
      }),
    apply: (table, generation) =>
      call({
        method: 'PUT',
        path: '/table',
        body: { generation, table },
        answer: RouterState,
        timeoutMs: 2 * patienceMs,
      }),
    probe: (probe) =>
      call({
        method: 'POST',
        path: '/probe',
        body: probe,
        answer: ProbeAnswer,
        timeoutMs: (probe.timeoutMs ?? defaultProbeMs) + patienceMs,
      }),
    stats: (seen) =>
      call({
        method: 'GET',
        path:
          seen === undefined ? '/stats' : `/stats?instance=${encodeURIComponent(seen.instance)}&after=${seen.after}`,
        answer: RouterStats,
        timeoutMs: patienceMs,
      }),
  };
}

function ask<T>(socketPath: string, { method, path, body, answer, timeoutMs, signal }: Call<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const away = (message: string, cause?: unknown): void => {
      if (signal?.aborted) reject(signal.reason);
      else
        reject(new TowpathError('router_away', `the router on ${socketPath} does not answer: ${message}`, { cause }));
    };
    const text = body === undefined ? null : JSON.stringify(body);
    const headers =
      text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    // A connection for each call: a kept one could meet the router's end, and calls are few.
    const outgoing = request({
      socketPath,
      method,
      path,
      headers,
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    const deadline = setTimeout(() => outgoing.destroy(new Error(`nothing within ${timeoutMs} ms`)), timeoutMs);
    outgoing.on('close', () => clearTimeout(deadline));
    outgoing.on('error', (error) => away(error.message, error));
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', (error) => away(error.message, error));
      incoming.on('end', () => {
        try {
          resolve(read(Buffer.concat(chunks).toString('utf8'), incoming.statusCode ?? 0, answer));
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.end(text ?? undefined);
  });
}

function read<T>(text: string, status: number, answer: Schema<T>): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw errorFromBody(null, status);
  }
  if (status !== 200) throw errorFromBody(body, status);
  try {
    return answer.parse(body);
  } catch (error) {
    throw new TowpathError(
      'internal',
      `the router's answer is not understood: ${error instanceof Error ? error.message : ''}`,
      {
        cause: error,
      },
    );
  }
}
