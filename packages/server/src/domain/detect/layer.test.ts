import { describe, expect, it } from 'vitest';
import { findLayer } from './layer.ts';
import { type Tree, viewOf } from './testing/view.ts';

/** What is found for each stage, with where. */
function find(files: Tree) {
  const { values, evidence } = findLayer(viewOf(files), '.').layer;
  const { install, quality, test, build, start, static: folder } = values;
  const one = (name: string, command: unknown) => {
    if (typeof command !== 'string') return null;
    const places = Object.keys(evidence).filter((path) => path === name || path.startsWith(`${name}.`));
    return { command, origin: places.map((path) => evidence[path]).join(' and ') };
  };
  const checks = typeof quality === 'object' ? Object.values(quality).join(' && ') : undefined;
  return {
    install: one('install', install),
    quality: one('quality', checks),
    unit: one('test', test),
    build: one('build', build),
    start:
      folder === undefined
        ? start === undefined
          ? null
          : { kind: 'command' as const, ...one('start', start) }
        : { kind: 'static' as const, folder, origin: evidence.static },
  };
}

const dependencies = { express: '5' };

describe('install', () => {
  it.each([
    ['nothing without package.json', { 'index.html': '' }, null],
    ['nothing without dependencies', { 'package.json': {} }, null],
    ['nothing without dependencies, lock file or not', { 'package.json': {}, 'package-lock.json': '{}' }, null],
    ['npm install without a lock file', { 'package.json': { dependencies } }, 'npm install'],
    ['npm ci with a lock file', { 'package.json': { dependencies }, 'package-lock.json': '{}' }, 'npm ci'],
    ['npm ci with a shrinkwrap', { 'package.json': { dependencies }, 'npm-shrinkwrap.json': '{}' }, 'npm ci'],
    ['for development alone', { 'package.json': { devDependencies: { vitest: '1' } } }, 'npm install'],
    ['for workspaces', { 'package.json': { workspaces: ['a'] } }, 'npm install'],
  ])('%s', (_, files, command) => {
    expect(find(files).install?.command ?? null).toBe(command);
  });
});

describe('checks and build', () => {
  it.each([
    ['quality', { lint: 'x' }, 'npm run lint', 'package.json, script "lint"'],
    ['quality', { typecheck: 'x' }, 'npm run typecheck', 'package.json, script "typecheck"'],
    [
      'quality',
      { typecheck: 'x', lint: 'y' },
      'npm run lint && npm run typecheck',
      'package.json, script "lint" and package.json, script "typecheck"',
    ],
    ['unit', { test: 'vitest run' }, 'npm test', 'package.json, script "test"'],
    ['build', { build: 'tsc' }, 'npm run build', 'package.json, script "build"'],
  ] as const)('%s from %j', (kind, scripts, command, origin) => {
    expect(find({ 'package.json': { scripts } })[kind]).toEqual({ command, origin });
  });

  it.each([
    ['unit', { test: 'echo "Error: no test specified" && exit 1' }],
    ['unit', { test: '  ' }],
    ['unit', {}],
    ['quality', { test: 'x' }],
    ['build', { lint: 'x' }],
  ] as const)('no %s in %j', (kind, scripts) => {
    expect(find({ 'package.json': { scripts } })[kind]).toBeNull();
  });
});

describe('start', () => {
  it.each([
    [
      'a Procfile before all',
      { Procfile: 'worker: a\r\nweb: node x.js \r\n', 'package.json': { scripts: { start: 'y' } } },
      'node x.js',
    ],
    ['a Procfile without web', { Procfile: 'worker: a\nweb:\n' }, null],
    [
      'a plain node command as it is',
      { 'package.json': { scripts: { start: 'node --no-warnings src/main.ts' } } },
      'node --no-warnings src/main.ts',
    ],
    ['npm for what needs a shell', { 'package.json': { scripts: { start: 'node a.js && b' } } }, 'npm start'],
    ['npm for a local program', { 'package.json': { scripts: { start: 'next start' } } }, 'npm start'],
    [
      'npm where something goes before',
      { 'package.json': { scripts: { start: 'node a.js', prestart: 'b' } } },
      'npm start',
    ],
    ['server.js', { 'package.json': {}, 'server.js': '', 'index.js': '' }, 'node server.js'],
    ['main', { 'package.json': { main: 'src/app.js' }, 'src/app.js': '' }, 'node src/app.js'],
    ['main without its ending', { 'package.json': { main: './app' }, 'app.js': '' }, 'node ./app.js'],
    [
      'main that the build makes',
      { 'package.json': { main: 'dist/a.js', scripts: { build: 'tsc' } } },
      'node dist/a.js',
    ],
    ['main that is nowhere', { 'package.json': { main: 'dist/a.js' } }, null],
    ['main outside', { 'package.json': { main: '../a.js' }, '../a.js': '' }, null],
    [
      'main with a hostile name',
      { 'package.json': { main: "a'; rm -rf $(x).js" }, "a'; rm -rf $(x).js": '' },
      `node 'a'\\''; rm -rf $(x).js'`,
    ],
    ['main that looks like an option', { 'package.json': { main: '-e' }, '-e': '' }, 'node ./-e'],
    ['index.js', { 'package.json': {}, 'index.js': '' }, 'node index.js'],
    ['no index.js without package.json', { 'index.js': '' }, null],
    ['nothing', {}, null],
  ])('%s', (_, files, command) => {
    const start = find(files).start;
    expect(start === null ? null : start.kind === 'command' && start.command).toBe(command);
  });

  it.each([
    ['the top', { 'index.html': '' }, '.', 'index.html'],
    [
      'the top, with a script for the browser',
      { 'index.html': '', 'index.js': '', 'package.json': {} },
      '.',
      'index.html',
    ],
    ['public', { 'public/index.html': '' }, 'public', 'public/index.html'],
    [
      'dist, once built',
      { 'index.html': '', 'package.json': { scripts: { build: 'vite build' } } },
      'dist',
      'index.html and package.json, script "build"',
    ],
    [
      'build, as Create React App does',
      { 'public/index.html': '', 'package.json': { scripts: { build: 'b' }, dependencies: { 'react-scripts': '5' } } },
      'build',
      'package.json, script "build"',
    ],
  ])('static files: %s', (_, files, folder, origin) => {
    expect(find(files).start).toEqual({ kind: 'static', folder, origin });
  });
});

describe('processes and health', () => {
  it('are values of the layer, under names that processes may have', () => {
    const files = { Procfile: 'web: node a.js\nCelery_Beat: beat\n9: x\nrelease: migrate\n', 'package.json': {} };
    expect(findLayer(viewOf(files), '.').layer).toMatchObject({
      values: { release: 'migrate', processes: { 'celery-beat': { kind: 'worker', command: 'beat' } } },
      evidence: { release: 'Procfile, line "release"', 'processes.celery-beat': 'Procfile, line "Celery_Beat"' },
    });
  });

  it('that no setting can hold are refused by name', () => {
    expect(() => findLayer(viewOf({ Procfile: `web: ${'x'.repeat(5_000)}\n` }), '.')).toThrow(
      expect.objectContaining({
        code: 'unreadable_manifest',
        message: expect.stringMatching(/^Procfile, line "web": start: /),
      }),
    );
  });
});
