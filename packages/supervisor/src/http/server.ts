import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TowpathError } from '@towpath/contract';
import { hasCode } from '../durable.ts';
import { type Parts, type Route, routes } from './routes.ts';

/** As large as an environment may be, with its quoting. */
const mostBodyBytes = 8 << 20;

/** Listens on the unix socket, mode 0600. Whoever calls holds the folder's lock, so that an old socket file is nobody's. */
export async function listen(socket: string, parts: Parts, log: (line: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response, parts, log);
  });
  // Idle connections cost nothing here; closing them would race with their next request.
  server.keepAliveTimeout = 10 * 60_000;
  rmSync(socket, { force: true });
  server.listen(socket);
  await once(server, 'listening');
  chmodSync(socket, 0o600);
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts, log: (line: string) => void) {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  try {
    const { route, key, query } = findRoute(request.method ?? '', request.url ?? '');
    const body = await readBody(request);
    const answered = await route.handle({ key, query, body, response, signal: hungUp.signal }, parts);
    if (answered !== 'sent') send(response, answered.status, answered.body);
  } catch (error) {
    if (hungUp.signal.aborted) return;
    const known = asTowpathError(error);
    if (known.code === 'internal') log(`${request.method}: ${error instanceof Error ? error.stack : error}`);
    // With a body half sent only the broken connection tells that it is not whole.
    if (response.headersSent) response.destroy();
    else send(response, known.status, { error: known.body });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

/** Segments are split before they are decoded: a key may contain "/", "..", "?". */
export function findRoute(method: string, url: string): { route: Route; key: string; query: URLSearchParams } {
  const [path = '', query = ''] = url.split('?', 2);
  const segments = path.split('/');
  for (const route of routes) {
    const pattern = route.path.split('/');
    if (route.method !== method || pattern.length !== segments.length) continue;
    if (!pattern.every((part, index) => part === ':key' || part === segments[index])) continue;
    const encoded = segments[pattern.indexOf(':key')] ?? '';
    return { route, key: pattern.includes(':key') ? decode(encoded) : '', query: new URLSearchParams(query) };
  }
  throw new TowpathError('not_found', `the supervisor has no ${method} ${path.slice(0, 200)}`);
}

function decode(segment: string): string {
  let key: string;
  try {
    key = decodeURIComponent(segment);
  } catch {
    throw new TowpathError('bad_request', `the key ${segment.slice(0, 200)} is not percent-encoded UTF-8`);
  }
  if (key === '' || key.length > 500 || key.includes('\0')) {
    throw new TowpathError('bad_request', 'a key has 1 to 500 characters, none of them NUL');
  }
  return key;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > mostBodyBytes) throw new TowpathError('too_large', `the body has more than ${mostBodyBytes} bytes`);
    parts.push(part);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new TowpathError('bad_request', 'the body is not JSON');
  }
}

function asTowpathError(error: unknown): TowpathError {
  if (error instanceof TowpathError) return error;
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new TowpathError('disk_full', "the disk of the supervisor's data folder is full", { cause: error });
  }
  return new TowpathError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
