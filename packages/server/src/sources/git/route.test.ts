import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRepository } from './mirror.ts';
import { routeGit } from './route.ts';

describe('a route', () => {
  it.each([
    ['GET', '/shop/api.git/info/refs', 'service=git-upload-pack', { service: 'git-upload-pack', info: true }],
    ['GET', '/shop/api/info/refs', 'service=git-receive-pack', { service: 'git-receive-pack', info: true }],
    ['POST', '/shop/api.git/git-upload-pack', '', { service: 'git-upload-pack', info: false }],
    ['POST', '/shop/api.git/git-receive-pack', '', { service: 'git-receive-pack', info: false }],
  ])('%s %s?%s is served', (method, path, query, call) => {
    expect(routeGit(method, path, query)).toEqual({ repository: 'shop/api', ...call });
  });

  it.each([
    ['GET', '/shop/api.git/info/refs', '', 403],
    ['GET', '/shop/api.git/info/refs', 'service=git-upload-archive', 403],
    ['POST', '/shop/api.git/info/refs', 'service=git-upload-pack', 405],
    ['GET', '/shop/api.git/git-receive-pack', '', 405],
    ['GET', '/shop/api.git/objects/12/3', '', 404],
    ['GET', '/api.git/info/refs', 'service=git-upload-pack', 404],
    ['GET', '/a/b/c.git/info/refs', 'service=git-upload-pack', 404],
    ['GET', '/shop/Api.git/info/refs', 'service=git-upload-pack', 404],
  ])('%s %s?%s is refused with %i', (method, path, query, status) => {
    expect(routeGit(method, path, query)).toMatchObject({ status });
  });

  it('never leads anywhere but to a project and a service', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '.git',
        '%2e',
        '\\',
        '\0',
        'shop',
        'api',
        '-',
        '//',
        'info/refs',
        'git-receive-pack',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom('/info/refs', '/git-receive-pack', ''), (pieces, end) => {
        const found = routeGit(
          end === '/info/refs' ? 'GET' : 'POST',
          `/${pieces.join('')}${end}`,
          'service=git-receive-pack',
        );
        if ('repository' in found) expect(isRepository(found.repository)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
