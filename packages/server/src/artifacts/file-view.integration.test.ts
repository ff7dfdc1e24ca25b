import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileView, viewFolder } from './file-view.ts';
import { run } from './testing/place.ts';

let top: string;
let view: FileView;
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'towpath-view-'));
  const folder = join(top, 'folder');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(top, 'secret'), 'secret');
  await writeFile(join(top, 'folder-secret'), 'secret');
  await writeFile(join(folder, 'a'), 'text');
  await writeFile(join(folder, 'sub', 'b'), '');
  await writeFile(join(folder, 'huge'), Buffer.alloc(1_048_577));
  await symlink('../a', join(folder, 'sub', 'inside'));
  await symlink('../secret', join(folder, 'outside'));
  await symlink(join(top, 'secret'), join(folder, 'absolute'));
  await symlink('circle', join(folder, 'circle'));
  await symlink('..', join(folder, 'up'));
  await symlink('sub', join(folder, 'up-and-down'));
  await mkdir(join(top, 'many'));
  for (let i = 0; i < 1_100; i++) await writeFile(join(top, 'many', String(i).padStart(4, '0')), '');
  await run('mkfifo', [join(folder, 'pipe')]);
  view = viewFolder(folder);
});
afterAll(async () => await rm(top, { recursive: true }));

describe('a view of a folder', () => {
  it.each([
    ['a', 'text'],
    ['sub/b', ''],
    ['sub/inside', 'text'],
    ['./sub/../a', 'text'],
  ])('shows %s', (path, text) => {
    expect(view.exists(path)).toBe(true);
    expect(view.read(path)).toBe(text);
  });

  it.each([
    'nothing',
    'sub',
    '',
    '.',
    'outside',
    'absolute',
    'circle',
    'up/secret',
    '../secret',
    '../folder-secret',
    '/etc/passwd',
    'pipe',
    'a/b',
    'a\0',
    'x'.repeat(5_000),
  ])('does not show %.40j', (path) => {
    expect(view.exists(path)).toBe(false);
    expect(view.read(path)).toBeNull();
  });

  it('lists names, sorted, folders with a slash', () => {
    expect(view.list('.')).toEqual(['a', 'huge', 'sub/', 'up-and-down/']);
    expect(view.list('sub')).toEqual(['b', 'inside']);
    expect(view.list('')).toEqual(view.list('.'));
    expect(view.list('up-and-down/.')).toEqual(['b', 'inside']);
  });

  it.each(['nothing', 'a', 'up', '..', '/etc', 'circle', 'pipe', 'a\0'])('lists nothing of %.40j', (path) => {
    expect(view.list(path)).toEqual([]);
  });

  it('lists the first thousand names', () => {
    expect(viewFolder(join(top, 'many')).list('.')).toEqual(
      Array.from({ length: 1_000 }, (_, i) => String(i).padStart(4, '0')),
    );
  });

  it('refuses to read what nobody wrote by hand', () => {
    expect(view.exists('huge')).toBe(true);
    expect(() => view.read('huge')).toThrow(
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining('huge') }),
    );
  });

  it('of a folder that is not there is empty', () => {
    expect(viewFolder(join(top, 'gone')).exists('a')).toBe(false);
  });
});
