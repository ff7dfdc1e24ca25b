import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { cgiEnvironment, cgiHeadReader } from './cgi.ts';
import { type Mirrors, mirrorExists } from './mirror.ts';
import { type PushProgress, parseUpdates, pushProgress, type RefUpdate } from './push.ts';
import type { GitCall, GitRefusal } from './route.ts';
import { removeStaleLocks, tendMirror } from './tend.ts';

export interface GitExchange {
  readonly call: GitCall;
  /** The name of who asks; whether they may was decided before. */
  readonly actor: string;
  /**
   * Refs have moved. The push goes on, and shows the lines, until the promise settles. It is called also when the pusher is gone by
   * then. When it fails, the pusher is told; the refs stay moved.
   */
  onPush(updates: readonly RefUpdate[], progress: PushProgress): Promise<void>;
}

/** Answers as text that git shows to its user. */
export function refuseGit(response: ServerResponse, { status, text }: GitRefusal): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/**
 * Serves one request of a push or fetch through git's own http-backend, both ways as it comes. Needs the raw request and response:
 * nothing may have read the body, and the HTTP server must not limit how long a request takes (`requestTimeout: 0`).
 * Settles when git and onPush have ended; rejects with what onPush threw, or when git could not be started.
 */
export async function serveGit(
  mirrors: Mirrors,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: GitExchange,
): Promise<void> {
  const { call } = exchange;
  if (!(await mirrorExists(mirrors, call.repository))) {
    const text = `Towpath has no service ${call.repository}. Create it in its folder: towpath init`;
    return refuseGit(response, { status: 404, text });
  }
  const writes = call.service === 'git-receive-pack' && !call.info;
  if (writes) await removeStaleLocks(mirrors, call.repository);
  if (response.destroyed) return; // hung up already: its `close` would be waited for in vain
  const backend = startBackend(mirrors, request, exchange, writes);
  const ended = once(backend.child, 'close');
  const gone = new AbortController();
  response.on('close', () => {
    if (response.writableFinished) return;
    gone.abort();
    // A push is not killed, it runs out of input: between the moved ref and the hook a kill would lose the run.
    if (!writes) endGroup(backend.child);
  });

  const body = { bytes: 0 };
  const push = { moved: false };
  const pushed = backend.channel === null ? null : handlePush(mirrors, exchange, backend.channel, push, gone.signal);
  const most = mirrors.limits.pushBytes;
  const tooMuch = () => (writes && body.bytes > most && !push.moved ? refusedPush(most) : null);
  // A push may outlive this server: its answer then ends with the connection, and git still says which refs have moved.
  if (writes) response.removeHeader('Transfer-Encoding');
  const fed = feed(request, backend.stdin, body, most);
  await allOf([fed, answer(backend.stdout, response, tooMuch, fed), pushed, ended]);
}

/** git says only that the limit was met, not whose it is nor what to do. */
function refusedPush(bytes: number): string {
  return [
    `Towpath takes pushes of up to ${Math.floor(bytes / 1024 ** 2)} MiB, and this one is larger.`,
    'Keep large files out of git, or push the history in parts: git push towpath <older commit>:refs/heads/main',
    'Whoever runs this Towpath can raise the limit: towpath up --max-push 4Gi',
  ].join('\n');
}

/** Waits for the end of all, whichever fails; then throws the first failure. */
async function allOf(promises: readonly unknown[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

interface Backend {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The socket that our hook speaks through; a push has one. */
  readonly channel: Duplex | null;
}

function startBackend(
  mirrors: Mirrors,
  request: IncomingMessage,
  { call, actor }: GitExchange,
  writes: boolean,
): Backend {
  const header = (name: string) => request.headers[name]?.toString();
  const env = cgiEnvironment({
    root: mirrors.folder,
    path: `/${call.repository}.git/${call.info ? 'info/refs' : call.service}`,
    method: call.info ? 'GET' : 'POST',
    query: call.info ? `service=${call.service}` : '',
    actor,
    contentType: header('content-type'),
    // git packs its questions only. A packed list of branches could be a thousand times what came over the line.
    contentEncoding: writes ? undefined : header('content-encoding'),
    protocol: header('git-protocol'),
  });
  const child = spawn(join(mirrors.git.execPath, 'git-http-backend'), [], {
    // A group of its own: Ctrl-C at the server does not reach it, and it can be ended whole.
    detached: true,
    env: { ...mirrors.git.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore', ...(writes ? ['pipe' as const] : [])],
  });
  const { stdin, stdout } = child;
  const channel = child.stdio[3] ?? null;
  if (stdin === null || stdout === null || (channel !== null && !(channel instanceof Duplex))) {
    throw new TowpathError('internal', 'git http-backend was started without its streams');
  }
  return { child, stdin, stdout, channel };
}

/** Ends a fetch that nobody waits for, with all its helpers. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended in this moment.
  }
}

/** For the branches that a push of the largest size moves, in bytes. */
const slack = 4_000_000;

/** The body, as it comes. After git has ended (it refused the push) the rest is read and dropped, or its answer would not be seen. */
async function feed(request: IncomingMessage, stdin: Writable, body: { bytes: number }, most: number): Promise<void> {
  stdin.on('error', () => {}); // git ended first; its answer says why
  try {
    for await (const chunk of request) {
      body.bytes += chunk.length;
      // git limits the objects only; the list of branches that comes before them lies in its memory.
      if (stdin.writable && body.bytes > most + slack) stdin.end();
      if (stdin.writable && !stdin.write(chunk)) await room(stdin);
    }
    stdin.end();
  } catch {
    stdin.destroy(); // the pusher is gone
  }
}

/** Until the stream takes more, or never will. */
function room(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
    if (stream.destroyed) done();
  });
}

/** What ends an answer of git's. */
const flush = Buffer.from('0000');

/**
 * git's answer, as it comes, with `more` at its end. When nobody takes it any more it is still read, so that git can end.
 * @param more what the pusher is to be told as well, as soon as that is known
 * @param fed resolves when the pusher has sent everything
 */
async function answer(
  stdout: Readable,
  response: ServerResponse,
  more: () => string | null,
  fed: Promise<void>,
): Promise<void> {
  const readHead = cgiHeadReader();
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stdout) {
    if (response.destroyed) continue;
    let piece: Buffer = chunk;
    if (!response.headersSent) {
      const head = readHead(chunk);
      if (head === null) continue;
      for (const [name, value] of head.headers) response.setHeader(name, value);
      response.writeHead(head.status);
      piece = head.rest;
    }
    if (held.length > 0) piece = Buffer.concat([held, piece]);
    held = more() === null ? piece.subarray(piece.length) : piece.subarray(-flush.length);
    if (!response.write(piece.subarray(0, piece.length - held.length))) await room(response);
  }
  if (!response.headersSent) return refuseGit(response, { status: 500, text: 'git gave no answer.' });
  response.write(held.equals(flush) ? Buffer.concat([remark(more() ?? ''), held]) : held);
  // With its last word the connection ends. One that is closed while the pusher still sends is reset, and the answer lost with it.
  await Promise.race([fed, pause(lingerMs, undefined, { ref: false })]);
  response.end();
}

/** How long somebody may go on sending what git has refused, in ms: the answer is there before that. */
const lingerMs = 60_000;

/** A packet of the channel whose lines git shows as `remote: …`. */
function remark(text: string): Buffer {
  const line = Buffer.from(`\x02${text}\n`);
  return Buffer.concat([Buffer.from((flush.length + line.length).toString(16).padStart(flush.length, '0')), line]);
}

/** Waits for the hook's list of refs, hands it on, and lets the hook end when the caller is done or the pusher gone. */
async function handlePush(
  mirrors: Mirrors,
  exchange: GitExchange,
  channel: Duplex,
  push: { moved: boolean },
  gone: AbortSignal,
): Promise<void> {
  channel.on('error', () => {}); // the hook ended first: its lines have no reader
  const updates = parseUpdates(await readList(channel));
  push.moved = updates.length > 0;
  const hangUp = () => channel.end();
  gone.addEventListener('abort', hangUp);
  if (gone.aborted) hangUp();
  try {
    if (updates.length === 0) return;
    const progress = pushProgress(channel, gone);
    const handled = exchange.onPush(updates, progress);
    const tended = tendMirror(mirrors, exchange.call.repository, updates, progress);
    await allOf([handled.catch((error: unknown) => fail(progress, error)), tended]);
  } finally {
    gone.removeEventListener('abort', hangUp);
    hangUp();
  }
}

/** Up to the empty line; nothing when the hook never ran. */
async function readList(channel: Duplex): Promise<string> {
  const pieces: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const take = (piece: Buffer) => {
    pieces.push(piece);
    if (Buffer.concat(pieces.slice(-2)).subarray(-2).toString() === '\n\n') resolve();
  };
  channel.on('data', take).on('end', resolve).on('close', resolve);
  await promise;
  return Buffer.concat(pieces).toString();
}

function fail(progress: PushProgress, error: unknown): never {
  if (error instanceof TowpathError) progress.line(`${error.message}\n${error.help}`);
  else progress.line('Towpath could not take the push up; it is tried again when the server starts.');
  throw error;
}
