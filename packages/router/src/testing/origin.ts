import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

/** A service behind the router, in this process. */
export interface Origin {
  readonly port: number;
  readonly server: Server;
  /** Method and path of every request that it saw, in order. */
  readonly seen: string[];
  /** Connections that it has accepted. */
  readonly accepted: () => number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

export interface OriginOptions {
  readonly port?: number;
  readonly keepAliveTimeout?: number;
}

/** Answers health checks by itself when `handler` leaves "/health" alone. */
export async function startOrigin(handler: RequestListener, options: OriginOptions = {}): Promise<Origin> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ keepAliveTimeout: options.keepAliveTimeout ?? 5_000 }, (request, response) => {
    if (request.url === '/health') {
      response.end('ok');
      return;
    }
    seen.push(`${request.method} ${request.url}`);
    handler(request, response);
  });
  server.on('connection', (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listenLocally(server, options.port ?? 0);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port, server, seen, accepted: () => accepted, close };
}

/** A service that speaks whatever `onSocket` writes; health checks are answered as long as `onSocket` is not called for them. */
export async function startRawOrigin(
  onRequest: (socket: Socket, head: string) => void,
): Promise<Omit<Origin, 'server' | 'seen'>> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let head = '';
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (head.startsWith('GET /health '))
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      else {
        const whole = head;
        head = '';
        onRequest(socket, whole);
      }
    };
    socket.on('data', read);
  });
  const port = await listenLocally(server, 0);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port, accepted: () => accepted, close };
}

function listenLocally(server: Server | TcpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('no port'));
    });
  });
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const origin = await startOrigin(() => {});
  await origin.close();
  return origin.port;
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
