import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

/** One request for `shop.localhost`, and its whole answer. */
export function ask(
  port: number,
  path: string,
  options: RequestOptions & { readonly send?: string | Buffer } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { send, ...rest } = options;
    const headers = { host: 'shop.localhost', ...(rest.headers as Record<string, string> | undefined) };
    const outgoing = request({ host: '127.0.0.1', port, path, agent: false, ...rest, headers });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          rawHeaders: incoming.rawHeaders,
          body: Buffer.concat(chunks).toString('utf8'),
          trailers: incoming.trailers,
        }),
      );
    });
    outgoing.end(send);
  });
}

export interface Wire {
  readonly socket: Socket;
  send(text: string): void;
  /** Resolves with everything received, once it contains `text`; rejects when the connection ends before. */
  until(text: string): Promise<string>;
  /** Resolves with everything received once the connection is closed, and whether it was broken off. */
  closed(): Promise<{ text: string; broken: boolean }>;
}

/** A bare connection, for what no HTTP client would send. */
export function wire(port: number, halfOpen = false): Wire {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: halfOpen });
  let text = '';
  let broken = false;
  let ended = false;
  const checks = new Set<() => void>();
  const check = (): void => {
    for (const each of [...checks]) each();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    check();
  });
  socket.on('error', () => {
    broken = true;
  });
  socket.on('close', () => {
    ended = true;
    check();
  });
  const when = <T>(answer: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const each = (): void => {
        const value = answer();
        if (value === undefined && !ended) return;
        checks.delete(each);
        if (value === undefined) reject(new Error(`the connection ended after ${JSON.stringify(text)}`));
        else resolve(value);
      };
      checks.add(each);
      each();
    });
  return {
    socket,
    send: (line) => socket.write(line, 'latin1'),
    until: (wanted) => when(() => (text.includes(wanted) ? text : undefined)),
    closed: () => when(() => (ended ? { text, broken } : undefined)),
  };
}

/** A promise that a test resolves by hand. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}
