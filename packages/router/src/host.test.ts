import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostName, originForm } from './host.ts';

describe('hostName', () => {
  test.each([
    ['shop.localhost', 'shop.localhost'],
    ['Shop.LOCALHOST:8080', 'shop.localhost'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['[::1]:8080', '[::1]'],
    ['[::1]', '[::1]'],
    ['shop.localhost.', 'shop.localhost.'],
  ])('%s asks for %s', (header, name) => {
    expect(hostName(header)).toBe(name);
  });

  test.each([
    undefined,
    '',
    ' ',
    ':80',
    'shop.localhost:',
    'shop.localhost:80:80',
    'shop.localhost:port',
    'shop.localhost:123456',
    'user@shop.localhost',
    'shop.localhost/path',
    'shop.localhost, other.localhost',
    'shop.localhost other',
    'shop\u00e9.localhost',
    '-shop.localhost',
    '[::1',
    `${'a'.repeat(300)}.localhost`,
  ])('%j is no host name', (header) => {
    expect(hostName(header)).toBeNull();
  });

  test('whatever comes in, what goes out is a lower-case name without a port', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.webAuthority()), (header) => {
        const name = hostName(header);
        if (name !== null) expect(hostName(name)).toBe(name);
      }),
    );
  });
});

describe('originForm', () => {
  test.each([
    ['GET', '/a?b=c', '/a?b=c'],
    ['OPTIONS', '*', '*'],
    ['GET', 'http://shop.localhost/a?b', '/a?b'],
    ['GET', 'HTTP://Shop.localhost', '/'],
    ['GET', 'http://shop.localhost?b', '/?b'],
    ['GET', '*', null],
    ['GET', 'http://other.localhost/', null],
    ['GET', 'http://shop.localhost:81/', null],
    ['GET', 'https://shop.localhost/', null],
    ['GET', 'shop.localhost/', null],
    ['GET', '', null],
  ])('%s %s is asked as %s', (method, target, asked) => {
    expect(originForm(method, target, 'shop.localhost')).toBe(asked);
  });
});
