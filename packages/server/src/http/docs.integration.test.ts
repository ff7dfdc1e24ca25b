import { createHash } from 'node:crypto';
import { api, errors } from '@towpath/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestServer } from './testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.open();
});
afterAll(() => server.close());

test('the description names every route, and every answer its version', async () => {
  const response = await fetch(`${server.address}/api/openapi.json`);
  const { openapi, paths, info } = (await response.json()) as {
    openapi: string;
    paths: object;
    info: { version: string };
  };
  expect(openapi).toBe('3.1.0');
  expect(response.headers.get('towpath-version')).toBe(info.version);
  const named = Object.values(paths).flatMap((methods) =>
    Object.values(methods as object).map((each) => each.operationId),
  );
  expect(named.toSorted()).toEqual(Object.keys(api).toSorted());
});

test('the page shows every route and every error, where the type of a problem points, and runs nothing', async () => {
  const response = await fetch(`${server.address}/api/docs`);
  const html = await response.text();
  for (const id of [...Object.keys(api), ...Object.keys(errors)]) expect(html).toContain(` id="${id}"`);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(html).not.toMatch(/<script|\son\w+=/);
});
