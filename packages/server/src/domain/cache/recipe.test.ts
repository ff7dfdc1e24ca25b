import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCacheable, recipeOf } from './recipe.ts';

type Files = Readonly<Record<string, string | object>>;

const base: Files = { 'package.json': { dependencies: { a: '1' } }, 'package-lock.json': '{"lockfileVersion":3}' };

function read(files: Files, command = 'npm ci') {
  return recipeOf(command, (name) => {
    const found = Object.hasOwn(files, name) ? files[name] : undefined;
    if (found === undefined) return null;
    return typeof found === 'string' ? found : JSON.stringify(found);
  });
}

function inputs(files: Files, command?: string): readonly string[] {
  const found = read(files, command);
  if (found === null || 'refused' in found) throw new Error(JSON.stringify(found));
  return found.inputs;
}

const manifest = (more: object): Files => ({ ...base, 'package.json': { dependencies: { a: '1' }, ...more } });

describe('what is kept', () => {
  it('is node_modules of npm ci', () => {
    expect(read(base)).toMatchObject({ folder: 'node_modules', lockfile: 'package-lock.json' });
    expect(read({ ...base, 'npm-shrinkwrap.json': '{}' })).toMatchObject({ lockfile: 'npm-shrinkwrap.json' });
  });

  it.each(['npm install', 'npm ci && make', 'npm ci --prefix=..', 'npm ci; true', 'pnpm i', ''])(
    'not of %s',
    (command) => {
      expect(isCacheable(command)).toBe(false);
      expect(read(base, command)).toBeNull();
    },
  );

  it.each<[string, Files]>([
    ['without a lock file', { 'package.json': {} }],
    ['without a package.json', { 'package-lock.json': '{}' }],
    ['of a package.json that is none', { ...base, 'package.json': '{' }],
  ])('nothing %s', (_what, files) => expect(read(files)).toBeNull());
});

describe('what npm ci does beyond node_modules is not kept back', () => {
  it.each<[string, Files, RegExp]>([
    ['a script', manifest({ scripts: { postinstall: 'prisma generate' } }), /"postinstall"/],
    ['a script that prepares', manifest({ scripts: { prepare: 'npm run build' } }), /"prepare"/],
    ['a native part', { ...base, 'binding.gyp': '{}' }, /binding\.gyp/],
    ['workspaces', manifest({ workspaces: ['packages/*'] }), /workspaces/],
    ['linked folders', { ...base, 'package-lock.json': '{"node_modules/b":{"link": true}}' }, /links to folders/],
    ['folders that are packed', { ...base, '.npmrc': 'x=1\ninstall-links=true' }, /install-links/],
  ])('%s', (_what, files, why) => expect(read(files)).toEqual({ refused: expect.stringMatching(why) }));

  it.each([
    'husky',
    'husky install',
    'husky || true',
    'is-ci || husky install',
    'simple-git-hooks',
    'lefthook install',
  ])('but for hooks of git: %s', (prepare) =>
    expect(read(manifest({ scripts: { prepare } }))).toHaveProperty('folder'),
  );
});

describe('the inputs', () => {
  it.each<[string, Files]>([
    ['the lock file', { ...base, 'package-lock.json': '{"lockfileVersion":2}' }],
    ['another lock file', { ...base, 'npm-shrinkwrap.json': '{}' }],
    ['a dependency', manifest({ dependencies: { a: '2' } })],
    ['overrides', manifest({ overrides: { b: '1' } })],
    ['npm settings', { ...base, '.npmrc': 'omit=dev' }],
    ['the wanted Node', { ...base, '.nvmrc': '22' }],
  ])('change with %s', (_what, files) => expect(inputs(files)).not.toEqual(inputs(base)));

  it.each<[string, Files]>([
    ['a version', manifest({ version: '1.0.1' })],
    ['a script', manifest({ scripts: { test: 'vitest' } })],
    ['source', { ...base, 'index.js': '1' }],
  ])("don't with %s", (_what, files) => expect(inputs(files)).toEqual(inputs(base)));
});

it('never throws for hostile files', () => {
  const text = fc.oneof(fc.json(), fc.string(), fc.constant('{"scripts":{"__proto__":"x","install":1}}'));
  const name = fc.constantFrom('package.json', 'package-lock.json', '.npmrc', 'binding.gyp', 'npm-shrinkwrap.json');
  fc.assert(fc.property(fc.dictionary(name, text), (files) => void read(files)));
});
