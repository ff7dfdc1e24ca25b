import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contextsFile, readContexts, rememberContext, tokenOf } from './contexts.ts';
import { temporaryFolder } from './system/testing/scene.ts';

const at = (url: string) => ({ url, credential: { token: 'secret' } });

test('the last one that was set up is the one that commands talk to; the others are kept', () => {
  const file = contextsFile({ XDG_CONFIG_HOME: temporaryFolder() });
  expect(readContexts(file)).toEqual({ current: null, contexts: {} });
  rememberContext(file, '/srv/a', at('http://127.0.0.1:1'));
  rememberContext(file, '/srv/b', at('http://127.0.0.1:2'));
  rememberContext(file, '/srv/a', at('http://127.0.0.1:3'));
  const { current, contexts } = readContexts(file);
  expect(current).toBe('/srv/a');
  expect(Object.values(contexts).map(({ url }) => url)).toEqual(['http://127.0.0.1:3', 'http://127.0.0.1:2']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(file, '..'))).toEqual(['cli.json']);
});

test('a file that is not understood is named, not overwritten', () => {
  const file = join(temporaryFolder(), 'cli.json');
  writeFileSync(file, '{"current": 7');
  expect(() => rememberContext(file, 'x', at('http://127.0.0.1:1'))).toThrow(`${file} is not understood`);
  expect(readFileSync(file, 'utf8')).toBe('{"current": 7');
});

test('a token that lies in a file is read when it is needed', () => {
  const tokenFile = join(temporaryFolder(), 'token');
  const context = { url: 'http://127.0.0.1:1', credential: { tokenFile } };
  expect(() => tokenOf(context)).toThrow('is gone');
  writeFileSync(tokenFile, 'secret\n');
  expect(tokenOf(context)).toBe('secret');
});
