import { expect, test } from 'vitest';
import { detect } from './detect.ts';
import { listedFiles } from './sent.ts';

const start = { 'app/server.js': '', 'app/package.json': '{"name":"app","scripts":{"start":"node server.js"}}' };
const told = (files: Record<string, string>) => {
  const all: Record<string, string> = { ...start, ...files };
  const view = listedFiles(Object.keys(all), (path) => all[path] ?? null);
  return detect(view, 'app').notices.map(({ origin, text }) => `${origin}: ${text}`);
};

test('submodules and files in LFS are told of, also to a service in a folder', () => {
  expect(told({ '.gitmodules': '', '.gitattributes': '*.bin filter=lfs diff=lfs\n' })).toEqual([
    '.gitmodules: Submodules are not fetched: their folders are empty',
    '.gitattributes: Files that Git LFS keeps are not fetched: they stay pointers of three lines',
  ]);
});

test('other attributes are nothing to tell of', () => {
  expect(told({ '.gitattributes': '* text=auto\n' })).toEqual([]);
});
