import { once as happened } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  api,
  type BytesRouteName,
  type JsonRouteName,
  type RouteName,
  type RouteSpec,
  type StreamRouteName,
  TowpathError,
} from '@towpath/contract';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asDiskFull } from '../disk-full.ts';
import type { Actor, House } from '../operations/house.ts';
import { sessionLifeMs } from '../operations/session.ts';
import { isAway } from '../store/away.ts';
import { version } from '../version.ts';
import { authenticateApi, cookieOf, cookieText, requireOwnPage } from './auth.ts';
import type { Dashboard } from './dashboard.ts';
import { addDocs } from './docs.ts';
import { bytesHandlers, type Cookie, jsonHandlers, type Request, streamHandlers } from './handlers.ts';
import { digestOf, keyOf, once } from './keyed.ts';
import { type Limits, limitsOf } from './limits.ts';
import { parseInput, type RawInput } from './parse.ts';
import { type Piece, sendStream } from './sse.ts';

/** Bodies of API calls; pushes don't come this way. */
const bodyBytes = 4_000_000;
const readAwayMs = 30_000;

export interface HttpOptions {
  /** Null until the database answered for the first time. */
  readonly house: () => House | null;
  /** Requests below /git/. */
  readonly git: (request: IncomingMessage, response: ServerResponse) => void;
  /** Everything that is neither API nor git. */
  readonly dashboard: Dashboard;
  readonly log: (message: string, error: unknown) => void;
}

const nobody: Actor = { name: 'nobody', role: 'none' };

/** The API on one HTTP server, with git beside it. Nothing listens yet. */
export async function createHttp(options: HttpOptions): Promise<Server> {
  let server: Server | undefined;
  const app = fastify({
    bodyLimit: bodyBytes,
    logger: false,
    // A push takes as long as it takes.
    requestTimeout: 0,
    serverFactory: (handler) => {
      server = createServer((request, response) => {
        if (request.url?.startsWith('/git/')) options.git(request, response);
        else handler(request, response);
      });
      server.requestTimeout = 0;
      return server;
    },
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (toTowpathError(error).code === 'too_large') await readAway(request.raw);
    return answerError(options, error, reply);
  });
  app.setNotFoundHandler((request, reply) => options.dashboard(request, reply));
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('towpath-version', version);
  });
  const limits = limitsOf();
  for (const name of Object.keys(api) as RouteName[]) addRoute(app, name, options, limits);
  addDocs(app);
  await app.ready();
  if (server === undefined) throw new Error('no HTTP server was made');
  return server;
}

function addRoute(app: FastifyInstance, name: RouteName, options: HttpOptions, limits: Limits): void {
  const spec: RouteSpec = api[name];
  app.route({
    method: spec.method,
    url: spec.path,
    handler: async (request, reply) => {
      const house = options.house();
      if (house === null) throw new TowpathError('database_away', 'the database has not answered yet');
      const actor = await whoAsks(house, spec, request);
      limits.take(house.config.limits, actor, reply);
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const cookie = cookieFor(house, request, reply);
      const input = { house, actor, signal: gone.signal, cookie, ...parseInput(spec, rawOf(spec, request)) };
      if (spec.answer === 'bytes') {
        const bytes = await callBytes(name as BytesRouteName, input);
        return reply.type('text/plain; charset=utf-8').send(Readable.from(bytes, { objectMode: false }));
      }
      if ('stream' in spec.answer) {
        const pieces = await callStream(name as StreamRouteName, input);
        for (const [field, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(field, value ?? '');
        reply.hijack();
        await sendStream(reply.raw, pieces, { asError: (error) => told(options, error) });
        return reply;
      }
      const work = () => callJson(name as JsonRouteName, input);
      if (name === 'logIn') return reply.send(await limits.guess(house.config.limits, request, reply, work));
      const key = isKeyed(spec) ? keyOf(request.headers['idempotency-key']) : null;
      if (key === null) return reply.send(await work());
      const asked = digestOf(name, input.params, input.query, input.body);
      const { answer, replayed } = await once(house.db, { actor: actor.name, key, request: asked }, work);
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply.send(answer);
    },
  });
}

/** Who still sends would find the connection closed, and not the answer. Its time is limited. */
async function readAway(request: IncomingMessage): Promise<void> {
  if (request.readableEnded) return;
  request.resume();
  await happened(request, 'end', { signal: AbortSignal.timeout(readAwayMs) }).catch(() => {});
}

async function whoAsks(house: House, spec: RouteSpec, { method, headers }: FastifyRequest): Promise<Actor> {
  if (spec.policy !== 'public') return authenticateApi(house.db, method, headers);
  // What sets or ends a session is asked for by our own pages, or by what is no browser.
  if (method !== 'GET' && headers.origin !== undefined) requireOwnPage(headers);
  return nobody;
}

/** Answers that hold what only the caller may know are not kept. */
const isKeyed = ({ method, policy }: RouteSpec): boolean =>
  method !== 'GET' && policy !== 'public' && policy !== 'session.code';

function cookieFor({ config }: House, { headers }: FastifyRequest, reply: FastifyReply): Cookie {
  const secure = config.controlUrl.startsWith('https:');
  return {
    value: cookieOf(headers),
    set: (secret) => void reply.header('set-cookie', cookieText(secret, sessionLifeMs, secure)),
  };
}

/** A stream is taken up again where the header says, which a browser sends by itself. */
function rawOf(spec: RouteSpec, { params, query, body, headers }: FastifyRequest): RawInput {
  const last = headers['last-event-id'];
  if (spec.answer === 'bytes' || !('stream' in spec.answer) || last === undefined) return { params, query, body };
  return { params, query: { ...Object(query), after: last }, body };
}

type Parsed = Pick<Request<never>, 'house' | 'actor' | 'signal' | 'cookie'> & RawInput;

// The route's own schemas have parsed the input: this is where their types meet the table of handlers again.
const callJson = (name: JsonRouteName, input: Parsed) =>
  (jsonHandlers[name] as (request: Parsed) => Promise<unknown>)(input);
const callBytes = (name: BytesRouteName, input: Parsed) =>
  (bytesHandlers[name] as (request: Parsed) => Promise<AsyncIterable<Buffer>>)(input);
const callStream = (name: StreamRouteName, input: Parsed) =>
  (streamHandlers[name] as (request: Parsed) => Promise<AsyncIterable<Piece>>)(input);

function answerError(options: HttpOptions, error: unknown, reply: FastifyReply): FastifyReply {
  const known = told(options, error);
  if (known.code === 'unauthorised') reply.header('www-authenticate', 'Bearer realm="towpath"');
  return reply.status(known.status).type('application/problem+json; charset=utf-8').send(known.problem);
}

/** The error as the caller is told it; a defect goes to the log, too. */
function told(options: HttpOptions, error: unknown): TowpathError {
  const known = toTowpathError(error);
  if (known.code === 'internal') options.log('a request failed', error);
  return known;
}

export function toTowpathError(error: unknown): TowpathError {
  if (error instanceof TowpathError) return error;
  const full = asDiskFull(error);
  if (full !== null) return full;
  if (isAway(error)) return new TowpathError('database_away', 'the database does not answer', { cause: error });
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return new TowpathError('too_large', `the body is larger than ${bodyBytes} bytes`);
  if (error instanceof Error && typeof status === 'number' && status < 500)
    return new TowpathError('bad_request', error.message);
  return new TowpathError('internal', 'something went wrong in the server; its log says what', { cause: error });
}
