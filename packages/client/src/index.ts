import {
  type Api,
  api,
  type BytesRouteName,
  errorFromBody,
  type JsonRouteName,
  type RouteAnswer,
  type RouteCall,
  type RouteName,
  type RouteSpec,
  type StreamAnswer,
  type StreamMessage,
  type StreamRouteName,
  TowpathError,
} from '@towpath/contract';
import { type FollowOptions, resumed } from './follow.ts';

export type { FollowOptions } from './follow.ts';

export interface ClientOptions {
  /** Where the router takes requests for the API, as `http://127.0.0.1:7070`. */
  readonly url: string;
  /** A browser may have none: it sends the cookie of its session. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
  /** How long a call that changes nothing is tried again while no server answers, as when one is being restarted. In milliseconds. */
  readonly patienceMs?: number;
}

const defaultPatienceMs = 30_000;
/** A router that does not listen is back within a second, or Towpath does not run here. */
const routerBackMs = 3_000;
const retryMs = 250;
/** No server behind the router, or none that has its database. */
const awayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** The parts of a call that its route has; parts without a required field may be left out. */
type CallInput<N extends RouteName> = {
  readonly [P in keyof RouteCall<N> as P extends keyof Api[N] ? P : never]?: RouteCall<N>[P];
} & {
  readonly signal?: AbortSignal;
  /** Of a change: sent again with the same key, it is done once. Drawn at random when absent. */
  readonly key?: string;
};

/** Towpath's API, typed by its contract. Every call throws TowpathError with the server's code, message and help. */
export interface Client {
  call<N extends JsonRouteName>(name: N, input?: CallInput<N>): Promise<RouteAnswer<N>>;
  /** Bytes as they come. */
  stream<N extends BytesRouteName>(name: N, input?: CallInput<N>): Promise<AsyncIterable<Uint8Array>>;
  /**
   * The messages of a stream, through lost connections and restarts of the server, each once. Ends after the message that has `end`;
   * throws the signal's reason.
   */
  follow<N extends StreamRouteName>(name: N, input?: CallInput<N> & FollowOptions): AsyncIterable<StreamMessage<N>>;
}

export function createClient(options: ClientOptions): Client {
  return {
    async call(name, input) {
      const response = await send(options, name, input ?? {});
      const answer: { parse(body: unknown): unknown } = api[name].answer;
      // The schema is the route's own, so its output is the route's answer.
      return answer.parse(await response.json()) as RouteAnswer<typeof name>;
    },
    async stream(name, input) {
      const response = await send(options, name, input ?? {});
      return bytesOf(response);
    },
    follow: (name, input) => messages(options, name, input ?? {}),
  };
}

interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Of a change. */
  readonly key?: string;
  /** The position after which a stream goes on. */
  readonly last?: string | null;
}

async function* messages<N extends StreamRouteName>(
  options: ClientOptions,
  name: N,
  input: AnyInput & FollowOptions,
): AsyncGenerator<StreamMessage<N>> {
  const route: StreamRouteName = name;
  const { stream, end }: StreamAnswer = api[route].answer;
  const open = (last: string | null, signal: AbortSignal) => sendOnce(options, name, { ...input, last, signal });
  const patienceMs = input.patienceMs ?? options.patienceMs ?? defaultPatienceMs;
  const patienceFor = (error: unknown, opened: boolean) =>
    opened && isAway(error) ? patienceMs : patience(error, patienceMs);
  for await (const { id, event, data } of resumed(open, patienceFor, input)) {
    const value: unknown = JSON.parse(data ?? 'null');
    // The schemas are the route's own, so their output is the stream's.
    if (event !== 'end') yield { id: id ?? '', data: stream.parse(value) } as StreamMessage<N>;
    else if (end !== undefined) yield { id: id ?? '', end: end.parse(value) } as StreamMessage<N>;
  }
}

const isAway = (error: unknown): error is TowpathError =>
  error instanceof TowpathError && awayStatuses.has(error.status);

/** Random; `randomUUID` is not there for pages that came without TLS. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');

/** How long an error is borne, from the first one on, in milliseconds; -1: not at all. */
function patience(error: unknown, patienceMs: number): number {
  if (!isAway(error)) return -1;
  return error.code === 'router_away' ? Math.min(patienceMs, routerBackMs) : patienceMs;
}

/**
 * A call is tried again while Towpath is coming back. A change carries a key for that, so that it is done once, however often it is sent;
 * those that ask for no token have none, and are sent once.
 */
async function send(options: ClientOptions, name: RouteName, given: AnyInput): Promise<Response> {
  const began = performance.now();
  const { method, policy } = api[name];
  const input = method === 'GET' || policy === 'public' ? given : { ...given, key: given.key ?? newKey() };
  const again = method === 'GET' || policy !== 'public';
  const patienceMs = options.patienceMs ?? defaultPatienceMs;
  for (;;) {
    try {
      return await sendOnce(options, name, input);
    } catch (error) {
      if (!again || performance.now() - began > patience(error, patienceMs)) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

async function sendOnce(options: ClientOptions, name: RouteName, input: AnyInput): Promise<Response> {
  const spec: RouteSpec = api[name];
  const url = new URL(pathOf(spec, input.params ?? {}), options.url);
  for (const [key, value] of Object.entries(input.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value));
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  if (input.key !== undefined) headers['idempotency-key'] = input.key;
  if (typeof input.last === 'string') headers['last-event-id'] = input.last;
  const withBody = spec.method !== 'GET' && (spec.method !== 'DELETE' || spec.body !== undefined);
  if (withBody) headers['content-type'] = 'application/json';
  const response = await (options.fetch ?? fetch)(url, {
    method: spec.method,
    headers,
    redirect: 'error',
    ...(withBody ? { body: JSON.stringify(input.body ?? {}) } : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  }).catch((error: unknown) => {
    if (input.signal?.aborted === true) throw error;
    throw new TowpathError('router_away', `nothing answers at ${options.url}`, {
      help: 'Is Towpath running? Start it: `towpath up`.',
      cause: error,
    });
  });
  if (response.ok) return response;
  throw errorFromBody(await response.json().catch(() => null), response.status);
}

function pathOf(spec: RouteSpec, params: Readonly<Record<string, unknown>>): string {
  return spec.path.replaceAll(/:([a-z]+)/gi, (_whole, key: string) => {
    const value = params[key];
    if (value === undefined) throw new Error(`${spec.path}: no value for ${key}`);
    return encodeURIComponent(String(value));
  });
}

/** Not the body itself: not every browser can iterate over it. */
async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
