import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Origin, startOrigin, startRawOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, stateWhen, type TestRouter } from './testing/start.ts';
import { ask, signal, wire } from './testing/wire.ts';

let router: TestRouter;
let origin: Origin | undefined;

beforeEach(async () => {
  router = await startTestRouter();
});

afterEach(async () => {
  await router.close();
  await origin?.close();
  origin = undefined;
});

async function behind(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Origin> {
  const started = await startOrigin(handler);
  origin = started;
  await serve(router.client, shop([{ release: 'v1', ports: [started.port] }]), 1);
  return started;
}

const upload = (path: string, headers: Record<string, string | number> = {}) =>
  request({
    host: '127.0.0.1',
    port: router.apps,
    path,
    method: 'POST',
    agent: false,
    headers: { host: 'shop.localhost', ...headers },
  });

test('a body of 50 MB passes whole, and waits at the client while the service does not read', async () => {
  const mb = Buffer.alloc(1024 * 1024, 'x');
  const arrived = signal<IncomingMessage>();
  const result = signal<string>();
  await behind((incoming, response) => {
    const hash = createHash('sha256');
    let bytes = 0;
    incoming.pause();
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    incoming.pause();
    incoming.on('end', () => {
      result.resolve(`${bytes} ${hash.digest('hex')}`);
      response.end('thanks');
    });
    arrived.resolve(incoming);
  });
  const outgoing = upload('/big', { 'content-length': 50 * mb.length });
  const answered = once(outgoing, 'response');
  let sent = 0;
  const full = signal();
  const push = (): void => {
    while (sent < 50) {
      sent++;
      if (!outgoing.write(mb)) {
        outgoing.once('drain', push);
        break;
      }
    }
    if (sent === 50) outgoing.end();
  };
  push();
  const incoming = await arrived.promise;
  // Standing still is seen when the client's pipe stays full: every buffer between here and the service is bounded.
  const socket = incoming.socket;
  let last = -1;
  const watch = setInterval(() => {
    if (sent === last) full.resolve();
    last = sent;
  }, 300);
  await full.promise;
  clearInterval(watch);
  expect(sent).toBeLessThan(40);
  expect(socket.destroyed).toBe(false);
  incoming.resume();
  expect(await result.promise).toBe(
    `${50 * mb.length} ${createHash('sha256')
      .update(Buffer.concat(Array.from({ length: 50 }, () => mb)))
      .digest('hex')}`,
  );
  const [response] = (await answered) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
});

test('an answer of 50 MB waits at the service while the client does not read', async () => {
  const mb = Buffer.alloc(1024 * 1024, 'y');
  let written = 0;
  await behind((_incoming, response) => {
    response.writeHead(200, { 'content-length': 50 * mb.length });
    const push = (): void => {
      while (written < 50) {
        written++;
        if (!response.write(mb)) {
          response.once('drain', push);
          return;
        }
      }
      response.end();
    };
    push();
  });
  const outgoing = request({
    host: '127.0.0.1',
    port: router.apps,
    path: '/',
    agent: false,
    headers: { host: 'shop.localhost' },
  }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const full = signal();
  let last = -1;
  const watch = setInterval(() => {
    if (written === last) full.resolve();
    last = written;
  }, 300);
  await full.promise;
  clearInterval(watch);
  expect(written).toBeLessThan(40);
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(50 * mb.length);
});

test('every piece of a stream goes out as it comes, the head before any of the body', async () => {
  const steps = signal<ServerResponse>();
  await behind((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    steps.resolve(response);
  });
  const line = wire(router.apps);
  line.send('GET /events HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
  await line.until('text/event-stream');
  const response = await steps.promise;
  response.write('data: 1\n\n');
  await line.until('data: 1');
  response.write('data: 2\n\n');
  await line.until('data: 2');
  line.socket.destroy();
});

test('request and answer stream at the same time', async () => {
  await behind((incoming, response) => incoming.pipe(response));
  const outgoing = upload('/echo');
  outgoing.write('one');
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  expect(String((await once(response, 'data'))[0])).toBe('one');
  outgoing.write('two');
  expect(String((await once(response, 'data'))[0])).toBe('two');
  outgoing.end();
  await once(response, 'end');
});

test('a client that leaves ends its request at the service, whether it waits, reads or sends', async () => {
  const gone: string[] = [];
  let begun = signal();
  let ended = signal();
  await behind((incoming, response) => {
    incoming.on('error', () => {});
    incoming.resume();
    response.on('close', () => {
      gone.push(incoming.url ?? '');
      ended.resolve();
    });
    if (incoming.url === '/reads') response.write('some');
    begun.resolve();
  });
  const requests = {
    '/waits': 'GET /waits HTTP/1.1\r\nHost: shop.localhost\r\n\r\n',
    '/reads': 'GET /reads HTTP/1.1\r\nHost: shop.localhost\r\n\r\n',
    '/sends': 'POST /sends HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 9\r\n\r\nhalf',
    '/second':
      'GET /first HTTP/1.1\r\nHost: shop.localhost\r\n\r\nGET /second HTTP/1.1\r\nHost: shop.localhost\r\n\r\n',
  };
  for (const [path, text] of Object.entries(requests)) {
    begun = signal();
    ended = signal();
    const line = wire(router.apps);
    line.send(text);
    await begun.promise;
    if (path === '/reads') await line.until('some');
    line.socket.resetAndDestroy();
    await ended.promise;
  }
  const state = await stateWhen(router.client, () => true);
  await expect.poll(async () => (await router.client.state()).replicas[0]?.inFlight).toBe(0);
  expect(state.replicas).toHaveLength(1);
  expect(gone).toEqual(expect.arrayContaining(['/waits', '/reads', '/sends', '/first']));
});

test.each([
  ['within its length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
  ['within its chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
  ['in a way that breaks HTTP', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nnonsense\r\n'],
])('an answer that ends %s breaks the client’s connection too', async (_name, answer) => {
  const raw = await startRawOrigin((socket) => socket.end(answer, 'latin1'));
  await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
  await expect(ask(router.apps, '/')).rejects.toThrow();
  const line = wire(router.apps);
  line.send('GET / HTTP/1.0\r\nHost: shop.localhost\r\n\r\n');
  // To a client of HTTP/1.0 a plain end would look like the end of the answer.
  expect((await line.closed()).broken).toBe(true);
  const { releases } = await router.client.stats();
  expect(releases.v1).toMatchObject({ requests: 2, status2xx: 2, connectionFailures: 2 });
  await raw.close();
});

test('a reset of an answer without length is not taken for its end', async () => {
  const raw = await startRawOrigin((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\npart', () => setTimeout(() => socket.resetAndDestroy(), 50));
  });
  await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
  await expect(ask(router.apps, '/')).rejects.toThrow();
  await raw.close();
});

test('nonsense instead of an answer is a 502', async () => {
  const raw = await startRawOrigin((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n\r\n'));
  await serve(router.client, shop([{ release: 'v1', ports: [raw.port] }]), 1);
  expect((await ask(router.apps, '/')).status).toBe(502);
  await raw.close();
});

test('an early answer ends the upload at the service, and the client’s connection goes on', async () => {
  await behind((incoming, response) => {
    if (incoming.url === '/refuse') response.writeHead(413, { connection: 'close' }).end('no');
    else response.end('fine');
  });
  const line = wire(router.apps);
  line.send('POST /refuse HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 8\r\n\r\nhalf');
  await line.until('413');
  line.send('halfGET /after HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n');
  expect((await line.closed()).text).toContain('fine');
});
