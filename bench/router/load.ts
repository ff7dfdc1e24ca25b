import { connect, type Socket } from 'node:net';

const get = Buffer.from(
  'GET /api/items?id=3 HTTP/1.1\r\nHost: shop.localhost\r\nUser-Agent: load/1\r\nAccept: application/json\r\n' +
    'Accept-Encoding: gzip, br\r\nAccept-Language: en\r\nCookie: sid=abcdef0123456789\r\n\r\n',
);
const post = Buffer.from(
  'POST /api/items HTTP/1.1\r\nHost: shop.localhost\r\nUser-Agent: load/1\r\nAccept: application/json\r\n' +
    `Content-Type: application/json\r\nContent-Length: 512\r\n\r\n${'x'.repeat(512)}`,
);

export interface Load {
  /** Answers with status 200 so far, and everything else. */
  readonly done: () => { ok: number; failed: number };
  stop(): void;
}

/** A closed loop of kept connections, one request in five a POST with 512 bytes. */
export function startLoad(port: number, connections: number): Load {
  let ok = 0;
  let failed = 0;
  let stopped = false;
  const one = (): Socket => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let sent = 0;
    let received = '';
    const send = (): void => {
      if (!stopped) socket.write(sent++ % 5 === 4 ? post : get);
    };
    socket.on('connect', send);
    socket.on('error', () => {
      if (!stopped) failed++;
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(received)?.[1];
      if (head < 0 || length === undefined || received.length < head + 4 + Number(length)) return;
      if (received.startsWith('HTTP/1.1 200 ')) ok++;
      else failed++;
      received = '';
      send();
    });
    return socket;
  };
  const sockets = Array.from({ length: connections }, one);
  const stop = (): void => {
    stopped = true;
    for (const socket of sockets) socket.destroy();
  };
  return { done: () => ({ ok, failed }), stop };
}
