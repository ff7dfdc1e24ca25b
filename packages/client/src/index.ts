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
  TowpathError,
} from '@towpath/contract';

export interface ClientOptions {
  /** Where the router takes requests for the API, as `http://127.0.0.1:7070`. */
  readonly url: string;
  /** Without one the browser's session goes with each call. */
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
} & { readonly signal?: AbortSignal };

/** Towpath's API, typed by its contract. Every call throws TowpathError with the server's code, message and help. */
export interface Client {
  call<N extends JsonRouteName>(name: N, input?: CallInput<N>): Promise<RouteAnswer<N>>;
  /** Bytes as they come. */
  stream<N extends BytesRouteName>(name: N, input?: CallInput<N>): Promise<AsyncIterable<Uint8Array>>;
}

export function createClient(options: ClientOptions): Client {
  return {
    async call(name, input) {
      const response = await send(options, name, input ?? {});
      const answer = (api[name] as RouteSpec).answer;
      const body: unknown = await response.json();
      if (answer === 'bytes') throw new Error(`${name} does not answer with JSON`);
      // The schema is the route's own, so its output is the route's answer.
      return answer.parse(body) as RouteAnswer<typeof name>;
    },
    async stream(name, input) {
      const response = await send(options, name, input ?? {});
      return response.body ?? emptyStream();
    },
  };
}

interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Reads are tried again while Towpath is coming back; nothing else is, as it may have been done. */
async function send(options: ClientOptions, name: RouteName, input: AnyInput): Promise<Response> {
  const began = performance.now();
  const patienceMs = options.patienceMs ?? defaultPatienceMs;
  for (;;) {
    try {
      return await sendOnce(options, name, input);
    } catch (error) {
      const away = error instanceof TowpathError && awayStatuses.has(error.status);
      if (!away || api[name].method !== 'GET') throw error;
      const limitMs = error.code === 'router_away' ? Math.min(patienceMs, routerBackMs) : patienceMs;
      if (performance.now() - began > limitMs) throw error;
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

async function* emptyStream(): AsyncIterable<Uint8Array> {}
