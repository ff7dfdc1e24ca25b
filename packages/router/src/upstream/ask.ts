import type { Address } from '@towpath/contract/router';
import { type Caller, Connection, type ConnectionLimits, type Failure, type Keeper } from './connection.ts';
import type { AnswerHead } from './head.ts';

/** What became of one GET. `status` null: no answer, and `error` says why. */
export interface Asked {
  readonly status: number | null;
  readonly error: string | null;
  /** Milliseconds until the head of the answer. */
  readonly ms: number;
  readonly localPort: number | null;
  readonly port: number | null;
}

export interface Question {
  readonly host: string;
  readonly path: string;
  readonly timeoutMs: number;
  /** How long the connection is left open after the answer, in milliseconds. */
  readonly holdMs: number;
}

/** A GET on the router's own behalf, as it goes on the wire. */
export function question(host: string, path: string): string {
  return `GET ${encodeURI(decodePath(path))} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: towpath-router\r\nAccept: */*\r\n\r\n`;
}

/** The path as it was before it was encoded, so that one given in either form goes out encoded once. */
function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Asks on a connection of its own. Never rejects. */
export function ask(address: Address, limits: ConnectionLimits, asked: Question): Promise<Asked> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const keeper: Keeper = {
      onIdle: (connection) => {
        if (asked.holdMs === 0) connection.close();
      },
      onGone: () => {},
    };
    const connection = new Connection(address, { ...limits, connectTimeoutMs: asked.timeoutMs }, keeper);
    const answer = (status: number | null, error: string | null): void => {
      const { localPort, remotePort } = connection.socket;
      resolve({ status, error, ms: performance.now() - begun, localPort: localPort ?? null, port: remotePort ?? null });
    };
    const deadline = setTimeout(() => {
      answer(null, `no answer within ${asked.timeoutMs} ms`);
      connection.abandon();
    }, asked.timeoutMs);
    const caller: Caller = {
      ...silent,
      onHead: (head: AnswerHead) => {
        answer(head.status, null);
        if (asked.holdMs === 0) return;
        clearTimeout(deadline);
        setTimeout(() => connection.abandon(), asked.holdMs).unref();
      },
      onEnd: () => clearTimeout(deadline),
      onFailure: (failure: Failure) => {
        clearTimeout(deadline);
        answer(null, failure.message);
      },
    };
    connection.begin(caller, {
      head: question(asked.host, asked.path),
      headRequest: false,
      hasBody: false,
      upgrade: false,
      repeatable: false,
    });
  });
}

const silent = {
  onReady: () => {},
  onContinue: () => {},
  onBody: () => {},
  onDelivered: () => {},
  onUpgrade: () => {},
  onDrain: () => {},
};

/** Whether an answer to a health check is a good one: anything under 500 for "/", which services often redirect or protect. */
export function isHealthy(path: string, status: number): boolean {
  return status < (path === '/' ? 500 : 400);
}
