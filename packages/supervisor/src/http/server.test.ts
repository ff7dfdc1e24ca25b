import { describe, expect, it } from 'vitest';
import { findRoute } from './server.ts';

describe('routes', () => {
  it.each([
    ['GET', '/processes/run%2F219%3Aunit', '/processes/:key', 'run/219:unit'],
    ['GET', '/processes/..', '/processes/:key', '..'],
    ['GET', '/processes/a%3Fb%23c/logs?offset=3&follow=1', '/processes/:key/logs', 'a?b#c'],
    ['DELETE', '/processes/wait?epoch=1', '/processes/:key', 'wait'],
    ['POST', '/system/server-1/restart', '/system/:key/restart', 'server-1'],
    ['GET', '/health', '/health', ''],
  ])('%s %s', (method, url, path, key) => {
    const found = findRoute(method, url);
    expect([found.route.method, found.route.path, found.key]).toEqual([method, path, key]);
  });

  it.each([
    ['GET', '/processes/%', 'bad_request'],
    ['GET', '/processes/%00', 'bad_request'],
    ['GET', '/processes/', 'bad_request'],
    ['GET', `/processes/${'x'.repeat(501)}`, 'bad_request'],
    ['GET', '/processes/a/b', 'not_found'],
    ['POST', '/health', 'not_found'],
    ['GET', '', 'not_found'],
  ])('refuses %s %s', (method, url, code) => {
    expect(() => findRoute(method, url)).toThrow(expect.objectContaining({ code }));
  });
});
