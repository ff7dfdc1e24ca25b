import { TowpathError } from '@towpath/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect, findServices } from './detect.ts';
import { type Tree, viewOf } from './testing/view.ts';

function refused(files: Tree, message: RegExp) {
  expect(() => detect(viewOf(files))).toThrow(
    expect.objectContaining({ code: 'unreadable_manifest', message: expect.stringMatching(message) }),
  );
}

describe('a manifest that its own tool could not read', () => {
  it.each([
    ['package.json', '', /^package.json cannot be read: /],
    ['package.json', '{', /^package.json cannot be read: /],
    ['package.json', '[]', /^package.json cannot be read: it: /],
    ['package.json', 'null', /^package.json cannot be read: it: /],
    ['package.json', '{"scripts": []}', /^package.json cannot be read: scripts: /],
    ['package.json', '{"scripts": {"test": 1}}', /^package.json cannot be read: scripts.test: /],
    ['package.json', '{"dependencies": "express"}', /^package.json cannot be read: dependencies: /],
    ['package.json', '['.repeat(500_000), /^package.json cannot be read: /],
    ['pyproject.toml', '[project', /^pyproject.toml cannot be read: /],
    ['pyproject.toml', '[project]\ndependencies = "flask"', /^pyproject.toml cannot be read: project.dependencies: /],
    ['pyproject.toml', `a = ${'['.repeat(100_000)}`, /^pyproject.toml cannot be read: /],
    ['pyproject.toml', 'a = 1\na = 2', /^pyproject.toml cannot be read: /],
    ['Pipfile', '[packages', /^Pipfile cannot be read: /],
    ['Cargo.toml', '[package]\nname = 1', /^Cargo.toml cannot be read: package.name: /],
  ])('%s: %.30s is refused by name', (path, text, message) => {
    refused({ [path]: text }, message);
  });

  it('says why in a few words, however long the file is', () => {
    try {
      detect(viewOf({ 'pyproject.toml': `${'a'.repeat(900_000)} b` }));
      expect.unreachable();
    } catch (error) {
      expect(error instanceof TowpathError && error.message.length).toBeLessThan(500);
    }
  });

  it('may begin with a byte order mark', () => {
    expect(detect(viewOf({ 'package.json': '\ufeff{"scripts":{"test":"x"}}' })).test).not.toBeNull();
  });

  it('lends no scripts from the prototype', () => {
    expect(detect(viewOf({ 'package.json': '{"scripts":{"__proto__":{"test":"x"}}}' })).test).toBeNull();
  });
});

const bomb = (lines: number) =>
  [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: lines }, (_, i) =>
      `a${i}: &a${i} [${'*a, '.repeat(9)}*a]`.replaceAll('*a', i === 0 ? '*a' : `*a${i - 1}`),
    ),
  ].join('\n');

describe('a file that is only evidence', () => {
  it.each([
    ['compose.yaml', '{'],
    ['compose.yaml', bomb(12)],
    ['compose.yaml', 'services:\n  - a'],
    ['compose.yaml', `services: ${'{a: '.repeat(50_000)}`],
    ['pnpm-workspace.yaml', bomb(12)],
    ['.yarnrc.yml', ': ['],
    ['app.json', '{'],
    ['angular.json', '[1]'],
    ['rust-toolchain.toml', '['],
  ])('%s: %.30s says nothing', (path, text) => {
    const files = {
      'package.json': { scripts: { start: 'node a.js' }, dependencies: { '@angular/core': '1' } },
      'yarn.lock': '',
    };
    expect(detect(viewOf({ ...files, [path]: text })).start).not.toBeNull();
  });
});

/** Much of what makes careless patterns and parsers slow, in characters. */
const much = 40_000;
const slow = [
  ' ',
  '\n',
  'a',
  '"',
  "'",
  '[',
  '{',
  '(',
  '#',
  '-',
  '/',
  ':',
  '=',
  'a:',
  'a\n',
  '- ',
  '? ',
  'web: x\n',
  'a = 1\n',
  '[a]\n',
  '[[a]]\n',
  'use ./a\n',
  '<a>',
  '<modules>',
  '<version>',
  'PORT=',
  '.listen(',
  'port: ',
  'serve({',
  'env ',
  'path("',
  '"/a',
  '&a ',
  '*',
  '&&',
  ' -w',
  'node ',
];

const manifests = [
  'package.json',
  'pyproject.toml',
  'Pipfile',
  'requirements.txt',
  'setup.py',
  'manage.py',
  'app.py',
  'main.py',
  'go.mod',
  'go.work',
  'main.go',
  'Cargo.toml',
  'src/main.rs',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'Gemfile',
  'composer.json',
  'mix.exs',
  'Procfile',
  'app.json',
  'Dockerfile',
  'compose.yaml',
  'template.yaml',
  'serverless.yml',
  'cdk.json',
  'pnpm-workspace.yaml',
  '.yarnrc.yml',
  'yarn.lock',
  'pnpm-lock.yaml',
  '.nvmrc',
  '.python-version',
  'runtime.txt',
  'tsconfig.json',
  'index.js',
  'server.js',
  'next.config.js',
  'vite.config.ts',
  'angular.json',
  '.env.example',
  'hugo.toml',
  '_config.yml',
  'mkdocs.yml',
  'index.html',
  'rust-toolchain',
  'Pipfile.lock',
  'config/routes.rb',
];

/** What makes other rules look at a file. */
const around: Tree = {
  'package.json': {
    scripts: { start: 'node index.js' },
    dependencies: { next: '1', vite: '1', '@angular/core': '1', typescript: '5' },
  },
  'requirements.txt': 'flask\ndjango\nuvicorn\n',
  'go.mod': 'module a\n',
  'Cargo.toml': '[package]\nname = "a"\n',
};

function found(files: Tree): void {
  try {
    const seen = detect(viewOf(files));
    for (const one of [
      seen.kind,
      seen.install,
      seen.test,
      seen.build,
      seen.start,
      seen.health,
      ...seen.quality,
      ...seen.notices,
    ]) {
      expect(one === null || one.origin.length > 0).toBe(true);
    }
    expect(seen.start !== null || seen.processes.length > 0 || seen.question !== null).toBe(true);
    expect(JSON.stringify({ ...seen, start: null, processes: [], release: null }).length).toBeLessThan(100_000);
    findServices(viewOf(files));
  } catch (error) {
    if (!(error instanceof TowpathError) || error.code !== 'unreadable_manifest') throw error;
  }
}

describe('content of strangers', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .array(
        fc.constantFrom(
          ...slow,
          'flask',
          'module a\n',
          'package main\n',
          '[project]\n',
          'name = "a"\n',
          'services:\n',
          '  a:\n',
          '\u0000',
          '../',
          '$(x)',
          '\ud800',
        ),
      )
      .map((parts) => parts.join('')),
  );
  const packageJson = fc
    .record(
      {
        name: fc.oneof(fc.string(), fc.jsonValue()),
        main: fc.oneof(fc.string(), fc.jsonValue()),
        scripts: fc.oneof(
          fc.dictionary(
            fc.constantFrom('test', 'start', 'prestart', 'build', '__proto__', 'lint', 'check'),
            fc.oneof(text, fc.jsonValue()),
          ),
          fc.jsonValue(),
        ),
        dependencies: fc.oneof(
          fc.dictionary(fc.constantFrom('next', 'vite', 'typescript', 'vitest', '__proto__'), fc.string()),
          fc.jsonValue(),
        ),
        workspaces: fc.oneof(fc.array(fc.constantFrom('*', '**', 'a*b', '../x', '/', '!a', '')), fc.jsonValue()),
        packageManager: fc.jsonValue(),
        engines: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value));

  it('gives findings with their evidence, or the clear error', () => {
    const files = fc.dictionary(fc.constantFrom(...manifests, 'a/package.json', 'a/b/go.mod'), text, { maxKeys: 6 });
    fc.assert(
      fc.property(files, fc.option(packageJson, { nil: undefined }), (tree, manifest) => {
        found(manifest === undefined ? tree : { ...tree, 'package.json': manifest });
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(slow)('of much of %j costs as much more as it is longer', (piece) => {
    const cost = (path: string, characters: number): number => {
      const before = process.cpuUsage();
      found({ ...around, [path]: piece.repeat(Math.floor(characters / piece.length)) });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    for (const path of manifests) {
      const whole = cost(path, much);
      // Too little to be told from the collection of garbage.
      if (whole < 500) continue;
      // Four times the length: a quadratic one would take sixteen times as long.
      expect(whole / cost(path, much / 4), path).toBeLessThan(10);
    }
  });
});
