import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  a,
  type Files,
  type Name,
  npm,
  pnpm,
  pnpmLock,
  read,
  recipe,
  refusal,
  root,
  web,
  workspaces,
  yarn,
} from './testing/workspaces.ts';

describe.each(workspaces)('a workspace of %s', (name, files) => {
  it('is kept with the folders of its members, also when a member is installed', () => {
    const folders = ['node_modules', 'apps/web/node_modules', 'packages/a/node_modules'];
    const linked = ['apps/web', 'packages/a'];
    expect(recipe(name, files)).toMatchObject({ root: '.', folders, linked });
    expect(recipe(name, files, { folder: 'apps/web' })).toMatchObject({ root: '../..', folders, linked });
  });

  it('has other inputs in a member, where npm installs less, also right below the root', () => {
    const flat = Object.fromEntries(
      Object.entries(files).map(([path, file]) => [path.replace(/^apps\/web/, 'web'), file]),
    );
    const lock = (text: string) =>
      JSON.parse(JSON.stringify(text).replaceAll('../../packages', '../packages').replaceAll('apps/web', 'web'));
    const all = {
      ...flat,
      ...(name === 'npm' && { 'package-lock.json': lock(JSON.stringify(npm['package-lock.json'])) }),
      ...(name === 'pnpm'
        ? { 'pnpm-lock.yaml': lock(pnpmLock), 'pnpm-workspace.yaml': 'packages: [web, "packages/*"]' }
        : {}),
      'package.json': { ...root, workspaces: ['web', 'packages/*'] },
    };
    expect(recipe(name, all, { folder: 'web' }).inputs).not.toEqual(recipe(name, all).inputs);
  });

  it('may lie in a folder of the repository', () => {
    const below = Object.fromEntries(Object.entries(files).map(([path, file]) => [`js/${path}`, file]));
    expect(recipe(name, below, { folder: 'js/apps/web' })).toMatchObject({
      root: '../..',
      folders: ['node_modules', 'apps/web/node_modules', 'packages/a/node_modules'],
    });
  });

  it.each<[string, Files]>([
    ['a dependency of a member', { 'apps/web/package.json': { ...web, dependencies: { b: '2' } } }],
    ['the version of a member', { 'packages/a/package.json': { ...a, version: '1.0.1' } }],
    ['the name of a program', { 'packages/a/package.json': { ...a, bin: { other: 'cli.js' } } }],
    ['a program that is there', { 'packages/a/dist/later.js': '' }],
    ['settings of a member', { 'packages/a/.npmrc': 'x=1' }],
    ['settings between', { 'apps/.npmrc': 'x=1' }],
    ['the root', { 'package.json': { ...root, name: 'top', dependencies: { b: '1' } } }],
  ])('has other inputs with %s', (_what, more) => {
    const folder = 'apps/web';
    expect(recipe(name, { ...files, ...more }, { folder }).inputs).not.toEqual(recipe(name, files, { folder }).inputs);
  });

  it.each<[string, Files]>([
    ['source', { 'packages/a/cli.js': 'changed', 'packages/a/src.js': '' }],
    ['a script', { 'apps/web/package.json': { ...web, scripts: { build: 'tsc' } } }],
    ['a package that is no member', { 'tools/x/package.json': { name: 'x' } }],
  ])('has the same inputs with %s', (_what, more) => {
    expect(recipe(name, { ...files, ...more }).inputs).toEqual(recipe(name, files).inputs);
  });

  it.each<[string, Files, RegExp]>([
    [
      'a script of a member',
      { 'packages/a/package.json': { ...a, scripts: { prepare: 'tsc' } } },
      /also runs the script "prepare" of packages\/a\/package\.json$/,
    ],
    ['a native part of a member', { 'packages/a/binding.gyp': '' }, /also builds packages\/a\/binding\.gyp$/],
    [
      'a folder of programs',
      { 'packages/a/package.json': { ...a, directories: { bin: 'bin' } } },
      /^packages\/a\/package\.json has a folder of programs$/,
    ],
    ...['../web/cli.js', '../../../cli.js', '/bin/sh', '.', 7, {}].map((bin): [string, Files, RegExp] => [
      `a program at ${JSON.stringify(bin)}`,
      { 'packages/a/package.json': { ...a, bin: { tool: bin } } },
      /^packages\/a\/package\.json names a program outside of its folder$/,
    ]),
  ])('is not kept with %s', (_what, more, why) => {
    expect(read(name, { ...files, ...more })).toEqual(refusal(why));
  });

  it('is not kept when the install would change a program of it', () => {
    expect(read(name, files, { unready: ['packages/a/cli.js'] })).toEqual(
      refusal(/^packages\/a\/cli\.js, a program of the workspace, is not executable/),
    );
  });

  it('is told of nothing when a manifest cannot be read', () => {
    expect(read(name, { ...files, 'packages/a/package.json': '{' })).toBeNull();
    expect(read(name, { ...files, 'package.json': '{' })).toBeNull();
  });

  it('of any patterns is kept with folders inside, or not at all', () => {
    const piece = fc.constantFrom(
      'apps',
      'packages',
      '*',
      '**',
      '..',
      '.',
      '',
      '!',
      '{a,b}',
      '[a',
      '(',
      'a',
      '~',
      '\\',
      'node_modules',
    );
    const pattern = fc.array(piece, { maxLength: 8 }).map((steps) => steps.join('/'));
    const hostile = fc.array(fc.oneof(pattern, fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(hostile, (patterns) => {
        const found = read(name, {
          ...files,
          'packages/node_modules/x/package.json': {},
          'package.json': name === 'pnpm' ? { name: 'top' } : { ...root, workspaces: patterns },
          ...(name === 'pnpm' && { 'pnpm-workspace.yaml': `packages: ${JSON.stringify(patterns)}` }),
        });
        if (found === null || 'refused' in found) return;
        const all = ['node_modules', 'apps/web/node_modules', 'packages/a/node_modules'];
        expect(all).toEqual(expect.arrayContaining([...found.folders]));
        // npm and pnpm name them in the lock file: all, or another workspace.
        if (name !== 'yarn') expect(found.folders).toEqual(all);
      }),
    );
  });
});

describe('nothing is kept, and that is said,', () => {
  it.each<[string, Name, Files, string, RegExp]>([
    [
      'where pnpm takes the folder for no member',
      'pnpm',
      { ...pnpm, 'docs/package.json': {} },
      'docs',
      /^pnpm-workspace\.yaml further up, of the top folder, does not name this folder$/,
    ],
    [
      'of a workspace in a workspace',
      'npm',
      { ...npm, 'apps/web/package.json': { ...web, workspaces: ['x/*'] } },
      'apps/web',
      /within another one$/,
    ],
    ['of a workspace of Bun', 'bun', { ...npm, 'bun.lock': '{}' }, '.', /^package\.json has workspaces$/],
    ['of a member of one', 'bun', { ...npm, 'bun.lock': '{}' }, 'apps/web', /^package\.json has workspaces$/],
    [
      'with settings of a member that lead elsewhere',
      'pnpm',
      { ...pnpm, 'packages/a/.npmrc': 'modules-dir=x' },
      '.',
      /^packages\/a\/\.npmrc leads pnpm to other places/,
    ],
    ...['**', 'packages/**', '!packages/a', '{apps,packages}/*', 'packages/+(a)', 'packages/?'].map(
      (pattern): [string, Name, Files, string, RegExp] => [
        `of the pattern ${pattern} with Yarn, whose lock file does not name the members`,
        'yarn',
        { ...yarn, 'package.json': { ...root, workspaces: ['apps/*', pattern] } },
        '.',
        /names workspaces by the pattern/,
      ],
    ),
    [
      'in a node_modules',
      'yarn',
      { ...yarn, 'node_modules/x/package.json': {}, 'package.json': { ...root, workspaces: ['node_modules/*'] } },
      '.',
      /lies in a node_modules/,
    ],
  ])('%s', (_what, name, files, folder, why) => {
    expect(read(name, files, { folder })).toEqual(refusal(why));
  });
});

it('takes no longer than the files are long', () => {
  const long = [
    'link:'.repeat(4e5),
    `  ${': '.repeat(1e6)}`,
    "  '".repeat(1e6),
    '\n  a:'.repeat(1e6),
    '\n'.repeat(4e6),
  ];
  const pattern = [`${'*a'.repeat(5_000)}b`, '*/'.repeat(5_000), '**/'.repeat(300), '{a,'.repeat(5_000)];
  const named = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`packages/${'a'.repeat(100)}${at}/package.json`, {}]),
  );
  const begun = performance.now();
  for (const text of long) read('pnpm', { ...pnpm, 'pnpm-lock.yaml': `importers:\n${text}` });
  for (const each of pattern)
    for (const [name, files] of workspaces)
      read(name, {
        ...files,
        ...named,
        'package.json': { ...root, workspaces: [`packages/${each}`] },
        'pnpm-workspace.yaml': `packages: ["packages/${each}"]`,
      });
  expect(performance.now() - begun).toBeLessThan(20_000);
});
