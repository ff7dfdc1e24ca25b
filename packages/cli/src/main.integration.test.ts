import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './system/testing/scene.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

test.each(['stdout', 'stderr'] as const)('a reader of %s that has left is no error', async (which) => {
  const words = which === 'stdout' ? ['--help'] : ['no-such-verb'];
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  child[which].destroy();
  let said = '';
  child[which === 'stdout' ? 'stderr' : 'stdout'].setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const [code] = await once(child, 'close');
  expect(said).toBe('');
  expect(code).toBe(which === 'stdout' ? 0 : 2);
});

/** A Node of this machine that is too old; else this one under an old number. */
function olderNode(): readonly string[] {
  const places = [
    '/usr/bin/node',
    '/usr/local/bin/node',
    ...(process.env.PATH ?? '').split(':').map((each) => join(each, 'node')),
  ];
  const version = (node: string) => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const found = places.find((node) => /^v(1\d|2[0-3])\./.test(version(node)));
  const pretends = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })";
  return found === undefined ? [process.execPath, '--import', pretends] : [found];
}

test('an older Node is told what is needed', () => {
  const packed = join(temporaryFolder(), 'main.mjs');
  writeFileSync(packed, stripTypeScriptTypes(readFileSync(main, 'utf8')));
  const [node = '', ...options] = olderNode();
  const { status, stderr } = spawnSync(node, [...options, packed, 'status'], { encoding: 'utf8' });
  expect(stderr).toMatch(/^error: Towpath needs Node 24 or newer; this is v\d+\.\d+\.\d+\n→ .*\n$/);
  expect(status).toBe(1);
});
