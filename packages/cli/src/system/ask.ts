import { request } from 'node:http';

/** An answer over a unix socket, or why there was none. */
export type Asked =
  | { readonly answered: true; readonly status: number; readonly body: string }
  | { readonly answered: false; readonly why: string };

/** GET on a unix socket; never throws. A part that is frozen counts as one that does not answer. */
export function ask(socketPath: string, path: string, timeoutMs = 2_000): Promise<Asked> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ answered: false, why: error.message });
    const sent = request({ socketPath, path, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', fail).on('end', () => resolve({ answered: true, status: response.statusCode ?? 0, body }));
    });
    sent.on('error', fail).end();
  });
}
