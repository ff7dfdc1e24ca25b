import type { ServerResponse } from 'node:http';
import { TowpathError } from '@towpath/contract';
import type { FindRoute } from './dispatch.ts';

/** A request that waits for the first byte of its answer. */
export interface Waiting {
  /** performance.now() of the last sign of progress. */
  readonly progressAt: number;
  onTimeout(): void;
}

/** What all requests of one listener share. */
export interface Service {
  readonly find: FindRoute;
  /** Without a byte of an answer (or of the request's body) for so long a request is given up; null: never. */
  readonly answerTimeoutMs: number | null;
  readonly waiting: Set<Waiting>;
  /** The router ends: connections are not kept. */
  stopping: boolean;
  /** The body of an answer that the router gives by itself, and its content type. */
  refusal(status: number, message: string): { readonly type: string; readonly text: string };
}

/** Users' requests, by host name. */
export function appsService(find: FindRoute, answerTimeoutMs: number): Service {
  const refusal = (_status: number, message: string) => ({ type: 'text/plain; charset=utf-8', text: `${message}\n` });
  return { find, answerTimeoutMs, waiting: new Set(), stopping: false, refusal };
}

/** The control plane's own requests: no limit on how long an answer takes, errors as the API gives them. */
export function controlService(find: FindRoute): Service {
  const refusal = (status: number, message: string) => {
    const error = new TowpathError(status >= 500 ? 'server_away' : 'bad_request', message);
    return { type: 'application/problem+json; charset=utf-8', text: JSON.stringify({ ...error.problem, status }) };
  };
  return { find, answerTimeoutMs: null, waiting: new Set(), stopping: false, refusal };
}

/** Answers in the router's own name. */
export function refuse(service: Service, response: ServerResponse, status: number, message: string): void {
  const { type, text } = service.refusal(status, message);
  const headers = [
    'Content-Type',
    type,
    'Content-Length',
    String(Buffer.byteLength(text)),
    'Cache-Control',
    'no-store',
  ];
  if (service.stopping) headers.push('Connection', 'close');
  response.writeHead(status, headers);
  response.end(text);
}

/** Gives up requests that wait for too long: one look at all of them now and then costs less than a timer for each. Returns how to stop. */
export function watchTimeouts(service: Service): () => void {
  const { answerTimeoutMs, waiting } = service;
  if (answerTimeoutMs === null) return () => {};
  const timer = setInterval(
    () => {
      const oldest = performance.now() - answerTimeoutMs;
      for (const request of [...waiting]) if (request.progressAt < oldest) request.onTimeout();
    },
    Math.min(1_000, Math.max(10, answerTimeoutMs / 10)),
  );
  timer.unref();
  return () => clearInterval(timer);
}
