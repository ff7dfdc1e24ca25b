import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followsUpgrade, requestHead } from './request.ts';

/** A request as the HTTP server hands it over, from its raw header. */
function incoming(method: string, rawHeaders: readonly string[]): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.rawHeaders = [...rawHeaders];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    message.headers[name] ??= rawHeaders[i + 1] ?? '';
  }
  return message;
}

const plain = { expectContinue: false, upgrade: false };

describe('the head that a replica gets', () => {
  test('is the client’s own, with what the router knows', () => {
    const head = requestHead(
      incoming('GET', ['Host', 'a.b:1', 'Accept', '*/*', 'X-Forwarded-For', '6.6.6.6']),
      '/x?y',
      plain,
    );
    expect(head).toEqual({
      body: 'none',
      text: 'GET /x?y HTTP/1.1\r\nHost: a.b:1\r\nAccept: */*\r\nX-Forwarded-For: unknown\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.b:1\r\n\r\n',
    });
  });

  test.each([
    [['Host', 'a', 'Content-Length', '0'], 'none'],
    [['Host', 'a', 'Content-Length', '3'], 'sized'],
    [['Host', 'a', 'Transfer-Encoding', 'Chunked'], 'chunked'],
  ])('%j has the body: %s', (raw, body) => {
    expect(requestHead(incoming('POST', raw), '/', plain)).toMatchObject({ body });
  });

  test('asks to switch protocols, or for 100, only where the client did', () => {
    const raw = ['Host', 'a', 'Connection', 'Upgrade, X-Hop', 'Upgrade', 'foo', 'Expect', '100-continue', 'X-Hop', '1'];
    const asks = requestHead(incoming('GET', raw), '/', { expectContinue: true, upgrade: true });
    expect(asks).toMatchObject({ text: expect.stringContaining('Connection: Upgrade\r\nUpgrade: foo\r\n') });
    expect(asks).toMatchObject({ text: expect.stringContaining('Expect: 100-continue\r\n') });
    const silent = requestHead(incoming('GET', raw), '/', plain);
    expect(silent).toMatchObject({ text: expect.not.stringMatching(/upgrade|expect|x-hop/i) });
  });

  test('a Connection header cannot take away what others rely on', () => {
    const raw = [
      'Host',
      'a',
      'Connection',
      'host, content-length, x-forwarded-for, transfer-encoding',
      'Content-Length',
      '3',
    ];
    const head = requestHead(incoming('POST', raw), '/', plain);
    for (const line of ['Host: a\r\n', 'Content-Length: 3\r\n', 'X-Forwarded-For: ']) {
      expect(head).toMatchObject({ text: expect.stringContaining(line) });
    }
  });

  test('holds every end-to-end field once, in order, whatever the fields', () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/).map((text) => `q-${text}`);
    const value = fc.stringMatching(/^[!-~]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (fields) => {
        const head = requestHead(incoming('GET', ['Host', 'a', ...fields.flat()]), '/', plain);
        const lines = 'text' in head ? head.text.split('\r\n').slice(2, -5) : [];
        expect(lines).toEqual(fields.map(([key, text]) => `${key}: ${text}`));
      }),
    );
  });
});

test.each([
  [['upgrade', 'websocket'], true],
  [['upgrade', 'anything/1'], true],
  [['upgrade', 'websocket', 'content-length', '0'], true],
  [['upgrade', 'h2c'], false],
  [['upgrade', 'websocket, H2C'], false],
  [['upgrade', 'websocket', 'content-length', '1'], false],
  [['upgrade', 'websocket', 'transfer-encoding', 'chunked'], false],
])('%j is followed: %s', (raw, followed) => {
  expect(followsUpgrade(incoming('GET', raw))).toBe(followed);
});
