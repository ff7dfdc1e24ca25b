import { describe, expect, it } from 'vitest';
import { ServiceSettings } from '../path/settings.ts';
import { findCommands } from './commands.ts';
import { type Tree, viewOf } from './testing/view.ts';

function find(files: Tree, settings: object = {}) {
  return findCommands(viewOf(files), ServiceSettings.parse(settings));
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

describe('settings', () => {
  const everything = {
    'package.json': { dependencies, scripts: { lint: 'a', test: 'b', build: 'c', start: 'd' } },
    'index.html': '',
    Procfile: 'web: e',
  };

  it('win over what is found, one by one', () => {
    const given = { install: '1', quality: '2', test: '3', build: '4', start: '5' };
    const origin = 'service settings';
    expect(find(everything, given)).toEqual({
      install: { command: '1', origin },
      quality: { command: '2', origin },
      unit: { command: '3', origin },
      build: { command: '4', origin },
      start: { kind: 'command', command: '5', origin },
    });
    expect(find(everything, { test: '3' })).toEqual({ ...find(everything), unit: { command: '3', origin } });
  });

  it('serve a folder instead of a command', () => {
    expect(find(everything, { static: 'out', start: 'x' }).start).toEqual({
      kind: 'static',
      folder: 'out',
      origin: 'service settings',
    });
  });

  it.each(['/etc', '..', 'a/../../b', 'a/..', '', 'a\0b'])('refuse the folder %j', (folder) => {
    for (const field of ['static', 'folder']) {
      expect(ServiceSettings.safeParse({ [field]: folder }).error?.issues[0]?.path).toEqual([field]);
    }
  });
});
