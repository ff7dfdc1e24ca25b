import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface ListenOptions {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly channel: string;
  readonly onMessage: (payload: string) => void;
  /** After each connect, once LISTEN is in force. */
  readonly onListening: () => void;
  /** The connection broke, or could not be made. It is tried again by itself. */
  readonly onAway?: (error: Error) => void;
}

const heartbeatMs = 5_000;

/** Keeps one connection that listens, and makes it again whenever it breaks. */
export function listen(url: string, options: ListenOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const kept = keep(url, options, closing.signal);
  return {
    close(): Promise<void> {
      closing.abort();
      return kept;
    },
  };
}

async function keep(url: string, options: ListenOptions, closing: AbortSignal): Promise<void> {
  let retryMs = 50;
  while (!closing.aborted) {
    try {
      await session(url, options, closing, () => {
        retryMs = 50;
      });
    } catch (error) {
      if (closing.aborted) return;
      options.onAway?.(error instanceof Error ? error : new Error(String(error)));
    }
    await sleep(retryMs, undefined, { signal: closing }).catch(() => {});
    retryMs = Math.min(retryMs * 2, 1_000);
  }
}

/** One connection, until it breaks (throws) or is closed. */
async function session(
  url: string,
  options: ListenOptions,
  closing: AbortSignal,
  connected: () => void,
): Promise<void> {
  const socket = new net.Socket();
  const client = new pg.Client({
    connectionString: url,
    stream: () => socket,
    application_name: `${options.name} listen`,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
  });
  const broken = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.on('end', () => reject(new Error('the listening connection ended')));
  });
  broken.catch(() => {});
  client.on('notification', (message) => options.onMessage(message.payload ?? ''));
  const cut = () => socket.destroy();
  closing.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(options.channel)}`);
    connected();
    options.onListening();
    // A database that froze, or a network that swallows packets, breaks no connection: ask now and then.
    while (!closing.aborted) {
      await Promise.race([broken, sleep(heartbeatMs, undefined, { signal: closing })]);
      await client.query('select 1');
    }
  } finally {
    closing.removeEventListener('abort', cut);
    // Not client.end(): it waits for an answer, which a frozen database never gives.
    cut();
  }
}
