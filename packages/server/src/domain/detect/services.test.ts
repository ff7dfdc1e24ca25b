import { describe, expect, it } from 'vitest';
import { findServices } from './detect.ts';
import { type Tree, viewOf } from './testing/view.ts';

const service = { private: true, scripts: { start: 'node index.js' } };
const library = { main: 'index.js', exports: './index.js' };

function folders(files: Tree): string[] {
  return findServices(viewOf(files)).map((each) => each.folder);
}

describe('the services of a repository', () => {
  it.each<[string, Tree, string[]]>([
    ['none', { 'README.md': '' }, []],
    ['the top', { 'package.json': service }, ['.']],
    ['the top and one below', { 'package.json': service, 'admin/package.json': service }, ['.', 'admin']],
    ['three levels down', { 'a/b/c/go.mod': 'module c\n', 'a/b/c/main.go': 'package main\n' }, ['a/b/c']],
    ['not four', { 'a/b/c/d/go.mod': 'module d\n', 'a/b/c/d/main.go': 'package main\n' }, []],
    [
      'but four where a workspace says so',
      { 'package.json': { workspaces: ['a/b/c/*'] }, 'a/b/c/d/package.json': service },
      ['a/b/c/d'],
    ],
    ['no libraries', { 'packages/lib/package.json': library, 'packages/lib/index.js': 'module.exports = 1;' }, []],
    [
      'nothing of others, of builds, examples and test data',
      Object.fromEntries(
        ['node_modules/a', 'vendor/a', 'dist', 'examples/a', 'test/fixtures/a', '.cache/a'].map((at) => [
          `${at}/package.json`,
          service,
        ]),
      ),
      [],
    ],
    [
      'no pages of a service',
      { 'web/package.json': service, 'web/site/index.html': '', 'pages/index.html': '' },
      ['pages', 'web'],
    ],
    ['none with a manifest that cannot be read', { 'a/package.json': '{', 'b/package.json': service }, ['b']],
    [
      'those of go.work',
      {
        'go.work': 'go 1.23\n\nuse (\n\t./api // the one\n\t./lib\n)\nuse ./far/off/at/home\n',
        'api/go.mod': 'module a',
        'api/main.go': 'package main',
        'lib/go.mod': 'module l',
        'far/off/at/home/go.mod': 'module h',
        'far/off/at/home/cmd/h/main.go': 'package main',
      },
      ['api', 'far/off/at/home'],
    ],
    [
      'those of Cargo, but what the workspace leaves out is found as a folder',
      {
        'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]',
        'crates/a/Cargo.toml': '[package]\nname = "a"',
        'crates/a/src/main.rs': '',
        'crates/b/Cargo.toml': '[package]\nname = "b"',
        'crates/b/src/lib.rs': '',
      },
      ['.', 'crates/a'],
    ],
    [
      'an application whose start is not known',
      { 'shop/Gemfile': 'gem "rails"', 'shop/config/application.rb': 'Rails' },
      ['shop'],
    ],
    ['one with workers alone', { 'jobs/Procfile': 'worker: ./work' }, ['jobs']],
  ])('%s', (_, files, expected) => {
    expect(folders(files)).toEqual(expected);
  });

  it('say what they are and why they are offered', () => {
    const files = {
      'pnpm-workspace.yaml': 'packages: ["apps/*"]',
      'package.json': {},
      'apps/api/package.json': service,
      'tool/go.mod': 'module t\n',
      'tool/main.go': 'package main\n',
    };
    expect(findServices(viewOf(files))).toEqual([
      {
        folder: 'apps/api',
        kind: { value: 'Node with pnpm', origin: 'apps/api/package.json' },
        origin: 'pnpm-workspace.yaml',
      },
      { folder: 'tool', kind: { value: 'Go', origin: 'go.mod' }, origin: 'go.mod' },
    ]);
  });
});
