import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { TowpathError } from '@towpath/contract';
import {
  type CheckedProbe,
  Probe,
  type ProbeAnswer,
  type RouterState,
  type TableUpdate,
} from '@towpath/contract/router';
import { createServer } from './http.ts';
import { checkUpdate } from './table.ts';

/** What the control plane can ask of a router. */
export interface RouterApi {
  state(): RouterState;
  /** Resolves when the revision is another one than `after`, or when the time is over. */
  changed(after: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  apply(update: TableUpdate): Promise<void>;
  probe(probe: CheckedProbe): Promise<ProbeAnswer>;
  /** RouterStats as JSON; with what was seen of an instance, if it is this one: what changed since. */
  stats(seen: { readonly instance: string; readonly after: number } | null): Promise<string>;
}

const maxBodyBytes = 32 * 1024 * 1024;
const defaultWaitMs = 30_000;
const maxWaitMs = 300_000;

type Handler = (api: RouterApi, url: URL, request: IncomingMessage, signal: AbortSignal) => Promise<unknown> | unknown;

/** An answer that is JSON already. */
class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const handlers: Readonly<Record<string, Handler>> = {
  'GET /state': async (api, url, _request, signal) => {
    const after = wholeNumber(url, 'after');
    if (after !== null)
      await api.changed(after, Math.min(wholeNumber(url, 'timeoutMs') ?? defaultWaitMs, maxWaitMs), signal);
    return api.state();
  },
  'PUT /table': async (api, _url, request) => {
    await api.apply(checkUpdate(await readJson(request)));
    return api.state();
  },
  'POST /probe': async (api, _url, request) => {
    const parsed = Probe.safeParse(await readJson(request));
    if (!parsed.success)
      throw new TowpathError(
        'bad_request',
        parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      );
    return api.probe(parsed.data);
  },
  'GET /stats': async (api, url) => {
    const [instance, after] = [url.searchParams.get('instance'), wholeNumber(url, 'after')];
    return new Written(await api.stats(instance === null || after === null ? null : { instance, after }));
  },
};

/** The server of the router's protocol; the caller lets it listen. */
export function apiServer(api: RouterApi): Server {
  return createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    void answer(api, request, response);
  });
}

async function answer(api: RouterApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const url = new URL(request.url ?? '/', 'http://router');
    const handler = handlers[`${request.method} ${url.pathname}`];
    if (handler === undefined)
      throw new TowpathError('not_found', `the router knows no ${request.method} ${url.pathname}`);
    send(response, 200, await handler(api, url, request, gone.signal));
  } catch (error) {
    const known =
      error instanceof TowpathError
        ? error
        : new TowpathError('internal', error instanceof Error ? error.message : String(error));
    send(response, known.status, { error: known.body });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = body instanceof Written ? body.text : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new TowpathError('too_large', `a body of more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new TowpathError('bad_request', 'the body is not JSON', { cause: error });
  }
}

function wholeNumber(url: URL, name: string): number | null {
  const text = url.searchParams.get(name);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw new TowpathError('bad_request', `${name}: "${text}" is not a whole number`);
  return Number(text);
}
