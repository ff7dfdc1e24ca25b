import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerParser } from './parser.ts';

interface Read {
  events: string[];
  body: string;
  headers: string[];
  keepAlive: boolean | null;
}

interface ReadOptions {
  readonly headRequest?: boolean;
  readonly upgrade?: boolean;
  readonly fin?: boolean;
  readonly maxHead?: number;
}

/** Feeds the pieces to a parser; the events as short words, the body joined. */
function read(pieces: readonly string[], options: ReadOptions = {}): Read {
  const got: Read = { events: [], body: '', headers: [], keepAlive: null };
  const parser = new AnswerParser(
    {
      onContinue: () => got.events.push('continue'),
      onHead: (head) => {
        got.events.push(`head ${head.status} ${head.reason}`);
        got.headers = head.headers;
        got.keepAlive = head.keepAlive;
      },
      onBody: (chunk) => {
        got.body += chunk.toString('latin1');
      },
      onEnd: (last, trailers) => {
        got.body += last?.toString('latin1') ?? '';
        got.events.push(trailers.length > 0 ? `end ${trailers.join('|')}` : 'end');
      },
      onUpgrade: (lines, rest) => got.events.push(`upgrade ${lines.length} ${rest.toString('latin1')}`),
    },
    options.maxHead ?? 1_024,
  );
  parser.begin(options.headRequest ?? false, options.upgrade ?? false);
  for (const piece of pieces) parser.execute(Buffer.from(piece, 'latin1'));
  if (options.fin) got.events.push(parser.finish() ? 'whole' : 'cut');
  return got;
}

const ok = 'HTTP/1.1 200 OK\r\n';

describe('a proper answer', () => {
  test.each<[string, string, ReadOptions, string[], string]>([
    ['with a length', `${ok}Content-Length: 5\r\n\r\nhello`, {}, ['head 200 OK', 'end'], 'hello'],
    ['of no bytes', `${ok}Content-Length: 0\r\n\r\n`, {}, ['head 200 OK', 'end'], ''],
    [
      'in chunks',
      `${ok}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`,
      {},
      ['head 200 OK', 'end'],
      'hello',
    ],
    [
      'with trailers',
      `${ok}Transfer-Encoding: Chunked\r\n\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n`,
      {},
      ['head 200 OK', 'end X-Sum|1'],
      '',
    ],
    ['until the end of the connection', `${ok}\r\nhello`, { fin: true }, ['head 200 OK', 'end', 'whole'], 'hello'],
    ['cut within its length', `${ok}Content-Length: 9\r\n\r\nhello`, { fin: true }, ['head 200 OK', 'cut'], 'hello'],
    [
      'cut within its chunks',
      `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`,
      { fin: true },
      ['head 200 OK', 'cut'],
      'hel',
    ],
    ['to HEAD', `${ok}Content-Length: 5\r\n\r\n`, { headRequest: true }, ['head 200 OK', 'end'], ''],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', {}, ['head 204 No Content', 'end'], ''],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n', {}, ['head 304 Not Modified', 'end'], ''],
    [
      'after 100 and 103',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 1\r\n\r\nx`,
      {},
      ['continue', 'head 200 OK', 'end'],
      'x',
    ],
    ['without a reason', 'HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n', {}, ['head 299 ', 'end'], ''],
    [
      '101',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x01\x02',
      { upgrade: true },
      ['upgrade 2 \x01\x02'],
      '',
    ],
  ])('%s', (_name, text, options, events, body) => {
    const whole = read([text], options);
    expect(whole.events).toEqual(events);
    expect(whole.body).toBe(body);
    // The same in two pieces, cut anywhere; the first bytes of another protocol come with whatever the cut leaves.
    if (options.upgrade) return;
    for (let cut = 1; cut < text.length; cut++)
      expect(read([text.slice(0, cut), text.slice(cut)], options)).toEqual(whole);
    expect(read([...text], options)).toEqual(whole);
  });

  test('any cut into pieces reads the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (chunks, sizes) => {
          const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
          const text = `${ok}Transfer-Encoding: chunked\r\nX: y\r\n\r\n${body}0\r\n\r\n`;
          const pieces: string[] = [];
          for (let at = 0, i = 0; at < text.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          const got = read(pieces);
          expect(got.body).toBe(chunks.join(''));
          expect(got.events).toEqual(['head 200 OK', 'end']);
        },
      ),
    );
  });

  test('fields of the connection are left out, those that it names too, all others kept as they came', () => {
    const { headers } = read([
      `${ok}Set-Cookie: a=1\r\nset-cookie: b=2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nServer:  x\t\r\nX-Name: voil\xc3\xa0\r\nContent-Length: 0\r\n\r\n`,
    ]);
    expect(headers).toEqual([
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'Server',
      'x',
      'X-Name',
      'voil\xc3\xa0',
      'Content-Length',
      '0',
    ]);
  });

  test('a length is not given up to a Connection header, and not told with 204', () => {
    expect(read([`${ok}Connection: Content-Length\r\nContent-Length: 1\r\n\r\nx`]).headers).toEqual([
      'Content-Length',
      '1',
    ]);
    expect(read(['HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n']).headers).toEqual([]);
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\n\r\n', false],
  ])('whether the connection is kept: %j', (text, keepAlive) => {
    expect(read([text]).keepAlive).toBe(keepAlive);
  });
});

describe('an answer that two readers could take differently is refused', () => {
  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a length and chunks', `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['two lengths', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
    ['a length with a sign', `${ok}Content-Length: +5\r\n\r\n`],
    ['a list of lengths', `${ok}Content-Length: 5, 5\r\n\r\n`],
    ['an unknown coding', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a folded line', `${ok}X: a\r\n b\r\n\r\n`],
    ['a blank before the colon', `${ok}X : a\r\n\r\n`],
    ['a line without a colon', `${ok}X\r\n\r\n`],
    ['a bare line feed', `${ok}X: a\nY: b\r\n\r\n`],
    ['a bare carriage return', `${ok}X: a\rY: b\r\n\r\n`],
    ['a control character', `${ok}X: a\x00b\r\n\r\n`],
    ['a chunk size with a prefix', `${ok}Transfer-Encoding: chunked\r\n\r\n0x3\r\nhel\r\n`],
    ['a chunk size with a blank', `${ok}Transfer-Encoding: chunked\r\n\r\n3 \r\nhel\r\n`],
    ['an empty chunk size', `${ok}Transfer-Encoding: chunked\r\n\r\n\r\n`],
    ['a chunk that is too long', `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n`],
    ['a huge chunk', `${ok}Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n`],
    ['an endless size line', `${ok}Transfer-Encoding: chunked\r\n\r\n3;${'x'.repeat(2_000)}`],
    ['endless trailers', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(300)}`],
    ['an endless head', `${ok}X: ${'y'.repeat(2_000)}`],
    ['more than was asked for', `${ok}Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n`],
    ['a body with 204', 'HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\nx'],
    ['101 unasked', 'HTTP/1.1 101 Switching\r\n\r\n'],
  ])('%s', (_name, text) => {
    expect(() => read([text])).toThrow();
    expect(() => read([...text])).toThrow();
  });
});
