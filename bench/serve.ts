import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Scope } from './bench.ts';

/** Answers with these bodies, by their paths, on this machine until the bench is over; 404 for all else. The address, without a slash. */
export async function serve(scope: Scope, bodies: ReadonlyMap<string, Buffer | string>): Promise<string> {
  const server = createServer((request, response) => {
    const found = bodies.get(decodeURIComponent(request.url ?? ''));
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
