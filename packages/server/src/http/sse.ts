import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { TowpathError } from '@towpath/contract';

/** One message. `end` is the last one's data; with neither it only says how far the stream has come. */
export interface Piece {
  readonly id: number | string;
  readonly data?: unknown;
  readonly end?: unknown;
}

export interface SseOptions {
  /** A comment is sent this often, so that neither side takes a quiet connection for a dead one. In milliseconds. */
  readonly heartbeatMs?: number;
  /** A reader that takes nothing for this long is let go: it comes again where it was. In milliseconds. */
  readonly stallMs?: number;
  /** What went wrong, as the reader is told it. */
  readonly asError: (error: unknown) => TowpathError;
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies that would gather an answer before they send it know this one.
  'x-accel-buffering': 'no',
};

/**
 * Sends messages as server-sent events until they end or the reader is gone. The next message is asked for when the connection has
 * taken the last one, so a reader that stops reading costs one message. An error on the way is the message `event: error`.
 */
export async function sendStream(
  response: ServerResponse,
  pieces: AsyncIterable<Piece>,
  { heartbeatMs = 15_000, stallMs = 30_000, asError }: SseOptions,
): Promise<void> {
  // A reader that left is seen by `destroyed`; nobody else listens for its error.
  response.on('error', () => {});
  response.writeHead(200, headers);
  // The first bytes tell the reader that the stream is open.
  response.write(':\n\n');
  const beat = setInterval(() => {
    if (!response.writableNeedDrain && !response.destroyed) response.write(':\n\n');
  }, heartbeatMs);
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(written(piece)) && !(await drained(response, stallMs))) return;
      if (piece.end !== undefined) break;
    }
  } catch (error) {
    if (response.destroyed) return;
    response.write(`event: error\ndata: ${JSON.stringify(asError(error).problem)}\n\n`);
  } finally {
    clearInterval(beat);
    response.end();
  }
}

/** Many readers of one thing are given the same data: it is written once. */
const frames = new WeakMap<object, { readonly id: Piece['id']; readonly frame: Buffer }>();

function written(piece: Piece): string | Buffer {
  const { id, data } = piece;
  if (typeof data !== 'object' || data === null) return textOf(piece);
  const known = frames.get(data);
  if (known?.id === id) return known.frame;
  const frame = Buffer.from(textOf(piece));
  frames.set(data, { id, frame });
  return frame;
}

/** JSON has no line breaks, so each message is one line of data. */
function textOf({ id, data, end }: Piece): string {
  const head = `id: ${String(id).replaceAll(/[\0\r\n]/g, '')}\n`;
  if (end !== undefined) return `${head}event: end\ndata: ${JSON.stringify(end)}\n\n`;
  return data === undefined ? `${head}\n` : `${head}data: ${JSON.stringify(data)}\n\n`;
}

/** False: the reader is gone, or has taken nothing in time and is let go. */
async function drained(response: ServerResponse, stallMs: number): Promise<boolean> {
  if (response.destroyed) return false;
  const over = new AbortController();
  const close = () => over.abort();
  const timer = setTimeout(close, stallMs);
  response.once('close', close);
  try {
    await once(response, 'drain', { signal: over.signal });
    return true;
  } catch {
    response.destroy();
    return false;
  } finally {
    clearTimeout(timer);
    response.off('close', close);
  }
}
