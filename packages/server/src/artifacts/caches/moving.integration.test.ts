import { mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findHolders, moveHolders, namedFolders } from './moving.ts';

let tree: string;

beforeEach(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-moving-')));
});

afterEach(() => rm(tree, { recursive: true }));

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, name)), { recursive: true });
  await writeFile(join(tree, name), text);
}

test('only files that are like that and name a folder are found, also where links lead in circles', async () => {
  await put('.bin/a', 'x=/w/1/node_modules');
  await put('p/.bin/b', 'x=/w/12/node_modules');
  await put('p/c', '/w/1');
  await symlink('..', join(tree, 'p/up'));
  await symlink('a', join(tree, '.bin/link'));
  const like = /(?:^|\/)\.bin\//;
  expect(await findHolders(tree, { folders: ['.'], like }, ['/w/1'])).toEqual(['.bin/a']);
  expect(await findHolders(tree, { folders: ['.'], like }, ['/w/12', '/w/1'])).toEqual(['.bin/a', 'p/.bin/b']);
  // A path counts from its own folder on.
  expect(await findHolders(tree, { folders: ['p'], like: /^\.bin\// }, ['/w/12'])).toEqual(['p/.bin/b']);
});

test.each([
  ['/w/1/a:/w/1:"/w/1"', ['/w/1'], ['/w/2'], '/w/2/a:/w/2:"/w/2"'],
  ['/w/1/a /w/12/a /w/1.5 /w/1-b', ['/w/1'], ['/w/2'], '/w/2/a /w/12/a /w/1.5 /w/1-b'],
  // Both ways at once: what is written is not written anew.
  ['/w/1 /w/2', ['/w/1', '/w/2'], ['/w/2', '/w/1'], '/w/2 /w/1'],
  ['/w/1/x/y /w/1/z', ['/w/1', '/w/1/x'], ['/v', '/store'], '/store/y /v/z'],
  ['/w+(1)/a /ww1/a', ['/w+(1)'], ['/$&'], '/$&/a /ww1/a'],
  ['/wé/a \ud83d\ude00', ['/wé'], ['/ü'], '/ü/a \ud83d\ude00'],
])('%s', async (text, from, to, moved) => {
  await put('a', text);
  await moveHolders(tree, ['a'], from, to);
  expect(await readFile(join(tree, 'a'), 'utf8')).toBe(moved);
});

test('bytes that are no text stay as they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.uint8Array(), async (before, after) => {
      const around = (folder: string) => Buffer.concat([before, Buffer.from(`\0${folder}/`), after]);
      await writeFile(join(tree, 'a'), around('/w/1'));
      await moveHolders(tree, ['a'], ['/w/1'], ['/elsewhere/2']);
      expect(await readFile(join(tree, 'a'))).toEqual(around('/elsewhere/2'));
    }),
    { numRuns: 30 },
  );
});

test('a folder is known by the name that it was given, and by its own', async () => {
  await mkdir(join(tree, 'real'));
  await symlink('real', join(tree, 'link'));
  expect(await namedFolders(join(tree, 'link'), '/downloads')).toEqual([
    join(tree, 'link'),
    join(tree, 'real'),
    '/downloads',
  ]);
});
