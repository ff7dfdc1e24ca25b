import { expect, test } from 'vitest';
import { entriesOf, publishedManifest } from './published-manifest.ts';

test('addresses point into dist, and what only the workspace needs is gone', () => {
  expect(
    publishedManifest({
      name: '@towpath/x',
      version: '1.2.3',
      bin: { towpath: './src/main.ts' },
      exports: { '.': './src/index.ts', './client': './src/client/index.ts', './testing': './src/testing/all.ts' },
      files: ['src'],
      scripts: { generate: 'x' },
      devDependencies: { y: '1.0.0' },
      dependencies: { zod: '4.0.0' },
    }),
  ).toEqual({
    name: '@towpath/x',
    version: '1.2.3',
    bin: { towpath: './dist/main.js' },
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './client': { types: './dist/client/index.d.ts', default: './dist/client/index.js' },
    },
    files: ['dist'],
    engines: { node: '>=24' },
    dependencies: { zod: '4.0.0' },
  });
});

test('an address that is not built is refused', () => {
  expect(() => publishedManifest({ exports: { './shim': './src/shim.sh' } })).toThrow(
    "'./src/shim.sh' is no ./src/….ts",
  );
});

test('pages that were built before stay where they are, and need no library', () => {
  const source = { name: 'x', exports: { './main': './dist/current/index.html' }, dependencies: { react: '1.0.0' } };
  expect(publishedManifest(source)).toEqual({
    name: 'x',
    exports: { './main': './dist/current/index.html' },
    files: ['dist'],
    engines: { node: '>=24' },
  });
  expect(entriesOf(source)).toEqual([]);
});
