import { describe, expect, it } from 'vitest';
import { cgiEnvironment, cgiHeadReader } from './cgi.ts';

const plain = {
  root: '/data/git',
  path: '/shop/api.git/git-receive-pack',
  method: 'POST',
  query: '',
  actor: 'ann',
  contentType: undefined,
  contentEncoding: undefined,
  protocol: undefined,
};

describe('what http-backend is told', () => {
  it('is the request, without what is not known', () => {
    expect(cgiEnvironment(plain)).toEqual({
      GIT_PROJECT_ROOT: '/data/git',
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: '/shop/api.git/git-receive-pack',
      REQUEST_METHOD: 'POST',
      QUERY_STRING: '',
      REMOTE_USER: 'ann',
    });
  });

  it('names the actor without what a name can do harm with', () => {
    expect(cgiEnvironment({ ...plain, actor: "a\0b\n<c> d'@e.f" }).REMOTE_USER).toBe('a_b__c__d_@e.f');
  });

  it.each([
    ['version=2', 'version=2'],
    ['version=1', 'version=1'],
    ['version=2:x', undefined],
    ['version=22', undefined],
    ['x\0', undefined],
  ])('of the protocol %j is %j', (protocol, passed) => {
    expect(cgiEnvironment({ ...plain, protocol }).GIT_PROTOCOL).toBe(passed);
  });
});

describe('the head of an answer', () => {
  const text = 'Status: 404 Not Found\r\nContent-Type: text/plain\r\nX-A: b: c\r\n\r\nbody\r\n\r\nmore';
  const wanted = {
    status: 404,
    headers: [
      ['Content-Type', 'text/plain'],
      ['X-A', 'b: c'],
    ],
  };

  it.each([1, 2, 7, 1_000])('is found in pieces of %i bytes', (size) => {
    const read = cgiHeadReader();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      const head = read(bytes.subarray(at, at + size));
      if (head === null) continue;
      expect(head).toMatchObject(wanted);
      expect(head.rest.toString() + bytes.subarray(at + size).toString()).toBe('body\r\n\r\nmore');
      return;
    }
    expect.unreachable('no head was found');
  });

  it('is 200 without a status, and may end its lines as Unix does', () => {
    expect(cgiHeadReader()(Buffer.from('A: b\n\n'))).toMatchObject({ status: 200, headers: [['A', 'b']] });
  });

  it('is refused when it is none', () => {
    expect(() => cgiHeadReader()(Buffer.from('hello\n\n'))).toThrow(/"hello"/);
    expect(() => cgiHeadReader()(Buffer.alloc(16_384, 'x'))).toThrow(/no head/);
  });
});
