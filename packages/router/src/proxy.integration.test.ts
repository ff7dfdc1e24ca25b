import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type Origin, startOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, type TestRouter } from './testing/start.ts';
import { ask, wire } from './testing/wire.ts';

let router: TestRouter;
let origin: Origin;

beforeAll(async () => {
  router = await startTestRouter({ limits: { headerBytes: 8_192 } });
  origin = await startOrigin((request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/status/')) {
      response.writeHead(Number(path.slice(8)), { etag: '"x"', 'x-own': 'yes' });
      response.end();
    } else if (path === '/chunks') {
      response.writeHead(200, { ...(request.method === 'HEAD' ? {} : { trailer: 'x-sum' }), 'x-own': 'yes' });
      response.write('one,');
      response.write('two');
      if (request.method !== 'HEAD') response.addTrailers({ 'x-sum': '6' });
      response.end();
    } else if (path === '/hops') {
      response.writeHead(200, {
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        'proxy-authenticate': 'x',
        'set-cookie': ['a=1', 'b=2'],
      });
      response.end('hops');
    } else {
      void bodyOf(request).then((body) => {
        const { method, url, headers, rawHeaders, rawTrailers } = request;
        const hash = createHash('sha256').update(body).digest('hex');
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ method, url, headers, rawHeaders, rawTrailers, bytes: body.length, hash }));
      });
    }
  });
  await serve(router.client, shop([{ release: 'v1', ports: [origin.port] }]), 1);
});

afterAll(async () => {
  await router.close();
  await origin.close();
});

describe('a request reaches the service that its host name belongs to', () => {
  test('with its method, path, query, header and body as they came', async () => {
    const got = await ask(router.apps, '/a%20b?c=d&e', {
      method: 'PATCH',
      headers: { 'X-Odd-Case': 'voil\u00e0' },
      send: Buffer.from('body'),
    });
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toMatchObject({ method: 'PATCH', url: '/a%20b?c=d&e', bytes: 4 });
    expect(JSON.parse(got.body).rawHeaders).toEqual(expect.arrayContaining(['X-Odd-Case', 'voil\u00e0']));
    expect(got.headers.server).toBeUndefined();
  });

  test.each(['shop.localhost', 'SHOP.localhost', 'shop.localhost:8080'])('as %s, told on unchanged', async (host) => {
    const got = await ask(router.apps, '/', { headers: { host } });
    expect(JSON.parse(got.body).headers).toMatchObject({ host, 'x-forwarded-host': host });
  });

  test('in absolute form when both names agree', async () => {
    const line = wire(router.apps);
    line.send('GET http://shop.localhost/abs?x HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n');
    expect((await line.closed()).text).toContain('"url":"/abs?x"');
  });

  test('what the client says of itself is replaced by what the router sees', async () => {
    const lies = {
      'X-Forwarded-For': '6.6.6.6',
      'x-forwarded-proto': 'https',
      'X-Forwarded-Host': 'evil',
      'X-Forwarded-Port': '1',
      'X-Real-IP': '6',
      Forwarded: 'for=6',
      X_Forwarded_For: '6',
    };
    const { headers } = JSON.parse((await ask(router.apps, '/', { headers: lies })).body);
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.localhost',
    });
    for (const name of ['x-forwarded-port', 'x-real-ip', 'forwarded', 'x_forwarded_for'])
      expect(headers).not.toHaveProperty(name);
  });

  test('fields of the connection stay on their side, both ways', async () => {
    const { headers } = JSON.parse(
      (
        await ask(router.apps, '/', {
          headers: {
            connection: 'close, x-mine',
            'x-mine': '1',
            te: 'trailers',
            'proxy-authorization': 'secret',
            'keep-alive': 'timeout=9',
          },
        })
      ).body,
    );
    for (const name of ['connection', 'x-mine', 'te', 'proxy-authorization', 'keep-alive'])
      expect(headers).not.toHaveProperty(name);
    const got = await ask(router.apps, '/hops');
    expect(got.body).toBe('hops');
    for (const name of ['x-hop', 'proxy-authenticate']) expect(got.headers).not.toHaveProperty(name);
    expect(got.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  test('a chunked body with trailers arrives whole', async () => {
    const line = wire(router.apps);
    line.send(
      'POST /up HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3\r\nabc\r\n',
    );
    line.send('2;ext=1\r\nde\r\n0\r\nx-sum: 5\r\nhost: evil\r\n\r\n');
    const { text } = await line.closed();
    expect(text).toContain('"bytes":5');
    expect(text).toContain('"rawTrailers":["x-sum","5"]');
  });
});

describe('an answer reaches the client as the service gave it', () => {
  test('in chunks with trailers', async () => {
    const got = await ask(router.apps, '/chunks');
    expect(got).toMatchObject({ status: 200, body: 'one,two', trailers: { 'x-sum': '6' } });
    expect(got.headers['transfer-encoding']).toBe('chunked');
  });

  test('in chunks to a client of HTTP/1.0: until the end of the connection, without trailers', async () => {
    const line = wire(router.apps);
    line.send('GET /chunks HTTP/1.0\r\nHost: shop.localhost\r\n\r\n');
    const { text, broken } = await line.closed();
    expect(text.endsWith('\r\n\r\none,two')).toBe(true);
    expect(text.toLowerCase()).not.toContain('transfer-encoding');
    expect(broken).toBe(false);
  });

  test.each([200, 201, 204, 301, 304, 404, 500, 503])('status %i', async (status) => {
    const got = await ask(router.apps, `/status/${status}`);
    expect(got).toMatchObject({ status, body: '', headers: { 'x-own': 'yes', etag: '"x"' } });
  });

  test('to HEAD with the header of GET and no body, the connection going on', async () => {
    const line = wire(router.apps);
    line.send('HEAD /chunks HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    expect(await line.until('\r\n\r\n')).toContain('x-own: yes');
    line.send('GET /status/204 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    await line.until('HTTP/1.1 204 ');
    line.send('GET /status/304 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    await line.until('HTTP/1.1 304 ');
    line.send('GET /last HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n');
    expect((await line.closed()).text).toContain('"url":"/last"');
  });

  test('several requests sent at once on one connection are answered in order', async () => {
    const line = wire(router.apps);
    const paths = Array.from({ length: 20 }, (_, i) => `/pipelined/${i}`);
    line.send(
      paths
        .map(
          (path, i) => `GET ${path} HTTP/1.1\r\nHost: shop.localhost\r\n${i === 19 ? 'Connection: close\r\n' : ''}\r\n`,
        )
        .join(''),
    );
    const { text } = await line.closed();
    expect([...text.matchAll(/"url":"([^"]+)"/g)].map(([, path]) => path)).toEqual(paths);
  });
});

describe('100-continue', () => {
  const head = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`;

  test('is asked of the service, told to the client, and the body follows', async () => {
    const line = wire(router.apps);
    line.send(head('/expect'));
    expect(await line.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    line.send('body');
    expect(await line.until('"bytes":4')).toContain('HTTP/1.1 200 OK');
    line.send('GET /next HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n');
    expect((await line.closed()).text).toContain('"url":"/next"');
  });

  test('refused without the body: the connection ends, since nobody knows whether the body comes', async () => {
    const line = wire(router.apps);
    line.send(head('/expect').replace('shop', 'unknown'));
    const { text } = await line.closed();
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).toContain('Connection: close');
  });

  test('a final answer of the service instead of 100 is passed on, and the connection ends', async () => {
    const strict = await startOrigin(() => {});
    strict.server.on('checkContinue', (_request, response) => response.writeHead(413).end('too much'));
    await serve(router.client, shop([{ release: 'strict', ports: [strict.port] }]), 2);
    const line = wire(router.apps);
    line.send(head('/expect'));
    const { text } = await line.closed();
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('too much');
    await serve(router.client, shop([{ release: 'v1', ports: [origin.port] }]), 3);
    await strict.close();
  });
});

describe('no service ever sees a request that is not clearly one, and clearly for it', () => {
  const get = (lines: string): string => `GET /smuggled HTTP/1.1\r\n${lines}\r\n\r\n`;
  const post = (lines: string, body: string): string =>
    `POST /smuggled HTTP/1.1\r\nHost: shop.localhost\r\n${lines}\r\n\r\n${body}`;

  test.each([
    ['no Host', 400, 'GET /smuggled HTTP/1.1\r\nX: y\r\n\r\n'],
    ['no Host in HTTP/1.0', 400, 'GET /smuggled HTTP/1.0\r\n\r\n'],
    ['an empty Host', 400, get('Host:')],
    ['two Hosts', 400, get('Host: shop.localhost\r\nHost: other.localhost')],
    ['two equal Hosts', 400, get('Host: shop.localhost\r\nHost: shop.localhost')],
    ['a list of Hosts', 400, get('Host: shop.localhost, other')],
    ['a Host with a path', 400, get('Host: shop.localhost/x')],
    ['a Host with a user', 400, get('Host: x@shop.localhost')],
    ['a Host with a bad port', 400, get('Host: shop.localhost:x')],
    ['a Host folded over lines', 400, get('Host: shop\r\n .localhost')],
    ['a blank before the colon', 400, get('Host : shop.localhost')],
    ['another host in the target', 400, 'GET http://other.localhost/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n'],
    ['a target that is no path', 400, 'GET smuggled HTTP/1.1\r\nHost: shop.localhost\r\n\r\n'],
    ['an unknown host', 404, get('Host: nobody.localhost')],
    ['the trailing dot of another name', 404, get('Host: shop.localhost.')],
    ['a length and chunks', 400, post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['chunks and a length', 400, post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n')],
    ['two lengths', 400, post('Content-Length: 5\r\nContent-Length: 6', 'hello')],
    ['a length with a sign', 400, post('Content-Length: +5', 'hello')],
    ['an unknown coding', 501, post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
    ['chunked before another coding', 400, post('Transfer-Encoding: chunked, identity', '0\r\n\r\n')],
    ['another coding before chunked', 501, post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
    ['a bare line feed', 400, 'GET /smuggled HTTP/1.1\nHost: shop.localhost\n\n'],
    ['a bad chunk size', 400, post('Transfer-Encoding: chunked', '0x3\r\nabc\r\n0\r\n\r\n')],
    ['a header that is too long', 431, get(`Host: shop.localhost\r\nX: ${'y'.repeat(10_000)}`)],
  ])('%s: %i', async (name, status, text) => {
    const before = origin.seen.length;
    const line = wire(router.apps);
    line.send(text);
    const answer = await line.until('\r\n\r\n');
    // A body is refused when it comes, its head being fine: the service may see the head, but never an end of the body.
    if (name !== 'a bad chunk size') {
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(origin.seen.slice(before)).toEqual([]);
    } else expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
    line.socket.destroy();
  });

  test('an unknown host is told its own name and how to see more, and nothing about others', async () => {
    const got = await ask(router.apps, '/', { headers: { host: 'nobody.localhost' } });
    expect(got.status).toBe(404);
    expect(got.body).toContain('nobody.localhost');
    expect(got.body).not.toContain('shop');
  });

  test('CONNECT opens nothing', async () => {
    const line = wire(router.apps);
    line.send('CONNECT shop.localhost:80 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    expect((await line.closed()).text).not.toContain(' 200 ');
  });
});
