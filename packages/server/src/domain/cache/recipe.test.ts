import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCacheable, recipeOf } from './recipe.ts';
import { commitOf } from './testing/commit.ts';

type Files = Readonly<Record<string, string | object>>;

const base: Files = { 'package.json': { dependencies: { a: '1' } }, 'package-lock.json': '{"lockfileVersion":3}' };

function read(files: Files, command = 'npm ci') {
  return recipeOf(command, { commit: commitOf(files), folder: '.' });
}

function inputs(files: Files, command?: string): readonly string[] {
  const found = read(files, command);
  if (found === null || 'refused' in found) throw new Error(JSON.stringify(found));
  return found.inputs;
}

const manifest = (more: object): Files => ({ ...base, 'package.json': { dependencies: { a: '1' }, ...more } });

const yarn: Files = { 'package.json': { dependencies: { a: '1' } }, 'yarn.lock': '# yarn lockfile v1\n\na@1:\n' };
const bun: Files = { 'package.json': { dependencies: { a: '1' } }, 'bun.lock': '{"packages": {"a": ["a@1.0.0"]}}' };
const pnpmCommand = 'pnpm install --frozen-lockfile';
const pnpm: Files = {
  'package.json': { name: 'app', dependencies: { a: '1' } },
  'pnpm-lock.yaml':
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: '1'\n        version: 1.0.0\n",
};

describe('what is kept', () => {
  it.each<[string, Files, string[]]>([
    ['yarn install --frozen-lockfile', yarn, ['node', 'yarn']],
    ['bun install --frozen-lockfile', bun, ['node', 'bun']],
    ['pnpm install --frozen-lockfile', pnpm, ['node', 'pnpm']],
    ['npm ci', base, ['node']],
  ])('is node_modules of %s', (command, files, programs) => {
    expect(read(files, command)).toMatchObject({ root: '.', folders: ['node_modules'], linked: [], programs });
    expect(read({ ...files, 'package.json': { scripts: { postinstall: 'make' } } }, command)).toEqual({
      refused: `${command.replace(/ --.*/, '')} also runs the script "postinstall" of package.json`,
    });
  });

  it('is node_modules of npm ci', () => {
    expect(read(base)).toMatchObject({ folders: ['node_modules'], lockfile: 'package-lock.json' });
    expect(read({ ...base, 'npm-shrinkwrap.json': '{}' })).toMatchObject({ lockfile: 'npm-shrinkwrap.json' });
  });

  it.each([
    ...['npm install', 'npm ci && make', 'npm ci --prefix=..', 'npm ci; true', 'yarn install', 'bun install', ''],
    ...['yarn install --frozen-lockfile --modules-folder=x', 'go mod download', 'cargo fetch --locked'],
  ])('not of %s', (command) => {
    expect(isCacheable(command)).toBe(false);
    expect(read(base, command)).toBeNull();
  });

  it.each<[string, Files]>([
    ['without a lock file', { 'package.json': {} }],
    ['without a package.json', { 'package-lock.json': '{}' }],
    ['of a package.json that is none', { ...base, 'package.json': '{' }],
  ])('nothing %s', (_what, files) => expect(read(files)).toBeNull());
});

describe('nothing is kept, and that is said,', () => {
  const environment = /a virtual environment holds the path/;

  it.each<[string, RegExp]>([
    ['python3 -m venv .venv && .venv/bin/python -m pip install -e .', environment],
    ['python3 -m venv .venv && .venv/bin/python -m pip install -r ../a.txt', environment],
    ['uv sync --locked', environment],
    ['uv sync --extra dev --group test', environment],
    ['POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --with docs', environment],
    ['PIPENV_VENV_IN_PROJECT=1 pipenv install --dev', environment],
    ['pdm install --frozen-lockfile', environment],
    ['pnpm install', /of pnpm only what "pnpm install --frozen-lockfile" makes/],
    ['pnpm i --frozen-lockfile --shamefully-hoist', /of pnpm only/],
    ['yarn install --immutable', /Yarn 2/],
    ['YARN_ENABLE_GLOBAL_CACHE=false node .yarn/releases/yarn-4.5.0.cjs install --immutable', /Yarn 2/],
  ])('of %s', (command, why) => {
    expect(isCacheable(command)).toBe(true);
    expect(read(base, command)).toEqual({ refused: expect.stringMatching(why) });
  });

  it.each<[string, Files, string, RegExp]>([
    ['a lock file of Yarn 2', { ...yarn, 'yarn.lock': '# x\n\n__metadata:\n  version: 8\n' }, 'yarn', /Yarn 2/],
    ['settings of Yarn 2', { ...yarn, '.yarnrc.yml': '' }, 'yarn', /Yarn 2/],
    ['a Yarn of its own', { ...yarn, '.yarnrc': 'yarn-path ".yarn/yarn.js"' }, 'yarn', /yarn-path/],
    ['a folder, for Yarn', { ...yarn, 'yarn.lock': '"b@file:./b":\n  version "0"' }, 'yarn', /folders or files/],
    ['a folder without a word, for Yarn', { ...yarn, 'yarn.lock': 'b@../b:\n' }, 'yarn', /folders or files/],
    ['a folder, for Bun', { ...bun, 'bun.lock': '{"packages": {"b": ["b@link:b"]}}' }, 'bun', /folders or files/],
    ['patches', { ...bun, 'bun.lock': '{"patchedDependencies": {}}' }, 'bun', /patches/],
    ['Cypress, for Yarn', { ...yarn, 'yarn.lock': 'cypress@^13:\n' }, 'yarn', /^cypress puts a program outside/],
    ['Cypress, for Bun', { ...bun, 'bun.lock': '{"packages": {"cypress": ["cypress@13.1.0"]}}' }, 'bun', /^cypress/],
    ['Cypress, for pnpm', { ...pnpm, 'pnpm-lock.yaml': 'packages:\n\n  cypress@13.1.0:\n' }, 'pnpm', /^cypress/],
    ['Cypress, for pnpm 8', { ...pnpm, 'pnpm-lock.yaml': 'packages:\n\n  /cypress@13.1.0:\n' }, 'pnpm', /^cypress/],
    ['folders elsewhere', { ...pnpm, '.npmrc': 'virtual-store-dir=../x' }, 'pnpm', /^\.npmrc leads pnpm to other/],
    ['a store of all', { ...pnpm, 'pnpm-workspace.yaml': 'enableGlobalVirtualStore: true' }, 'pnpm', /other places/],
    ["Plug'n'Play", { ...pnpm, 'pnpm-workspace.yaml': 'nodeLinker: "pnp"' }, 'pnpm', /other places/],
    ['a hook', { ...pnpm, '.pnpmfile.cjs': '' }, 'pnpm', /^\.pnpmfile\.cjs changes/],
    [
      'a script of pnpm',
      { ...pnpm, 'package.json': { scripts: { 'pnpm:devPreinstall': 'x' } } },
      'pnpm',
      /has a script/,
    ],
    ['patches, for pnpm', { ...pnpm, 'pnpm-lock.yaml': 'a:\npatchedDependencies:\n  a@1:\n' }, 'pnpm', /patches/],
    ['a folder, for pnpm', { ...pnpm, 'pnpm-lock.yaml': '        version: link:../b\n' }, 'pnpm', /links to folders/],
    ['a file, for pnpm', { ...pnpm, 'pnpm-lock.yaml': '  b@file:b.tgz:\n' }, 'pnpm', /folders or files/],
    ['Cypress', { ...base, 'package-lock.json': '{"node_modules/cypress": {}}' }, 'npm', /^cypress/],
  ])('with %s', (_what, files, name, why) => {
    const command = name === 'npm' ? 'npm ci' : `${name} install --frozen-lockfile`;
    expect(read(files, command)).toEqual({ refused: expect.stringMatching(why) });
  });

  it('but scopes and the likes of Cypress are no reason', () => {
    const lock = '"@types/node@^22":\n  version "22.0.0"\n"@testing-library/cypress@10":\n';
    expect(read({ ...yarn, 'yarn.lock': lock }, 'yarn install --frozen-lockfile')).toHaveProperty('folders');
    const packages = "packages:\n\n  '@testing-library/cypress@10.0.0':\n    deprecated: see the file: README\n";
    expect(read({ ...pnpm, 'pnpm-lock.yaml': packages }, pnpmCommand)).toHaveProperty('folders');
  });
});

describe('what npm ci does beyond node_modules is not kept back', () => {
  it.each<[string, Files, RegExp]>([
    ['a script', manifest({ scripts: { postinstall: 'prisma generate' } }), /"postinstall"/],
    ['a script that prepares', manifest({ scripts: { prepare: 'npm run build' } }), /"prepare"/],
    ['a native part', { ...base, 'binding.gyp': '{}' }, /binding\.gyp/],
    [
      'linked folders',
      { ...base, 'package-lock.json': '{"packages":{"node_modules/b":{"resolved":"b","link": true}}}' },
      /links to folders/,
    ],
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
    expect(read(manifest({ scripts: { prepare } }))).toHaveProperty('folders'),
  );
});

describe('of pnpm', () => {
  it.each([
    ['allowBuilds:\n  esbuild: true\nvirtualStoreDirMaxLength: 60\nnodeLinker: hoisted\n', ''],
    ['', 'virtual-store-dir-max-length=60\nnode-linker=isolated\n'],
  ])('settings that change nothing of where things lie are no reason: %s%s', (yaml, npmrc) => {
    expect(read({ ...pnpm, 'pnpm-workspace.yaml': yaml, '.npmrc': npmrc }, pnpmCommand)).toHaveProperty('folders');
  });

  it.each<[string, Files]>([
    ['what may run scripts', { ...pnpm, 'pnpm-workspace.yaml': 'onlyBuiltDependencies: [a]' }],
    ...[{ version: '1.0.1' }, { name: 'b' }, { bin: 'b.js' }, { pnpm: { overrides: { a: '2' } } }].map(
      (more): [string, Files] => [
        `what its state holds: ${JSON.stringify(more)}`,
        { ...pnpm, 'package.json': { name: 'app', dependencies: { a: '1' }, ...more } },
      ],
    ),
  ])('the inputs change with %s', (_what, files) =>
    expect(inputs(files, pnpmCommand)).not.toEqual(inputs(pnpm, pnpmCommand)),
  );

  it.each([
    ['.modules.yaml', true],
    ['.pnpm-workspace-state-v1.json', true],
    ['.pnpm-workspace-state.json', true],
    ['.bin/tsc', true],
    ['.pnpm/a@1.0.0/node_modules/a/node_modules/.bin/b', true],
    ['.pnpm/a@1.0.0/node_modules/a/.modules.yaml', false],
    ['.pnpm/a@1.0.0/node_modules/a/bin/a.js', false],
    ['.pnpm/lock.yaml', false],
  ])('%s is looked through: %s', (path, is) => {
    const found = read(pnpm, pnpmCommand);
    expect(found !== null && 'folders' in found && found.holders?.test(path)).toBe(is);
  });
});

describe('the inputs', () => {
  it.each<[string, Files]>([
    ['the lock file', { ...base, 'package-lock.json': '{"lockfileVersion":2}' }],
    ['another lock file', { ...base, 'npm-shrinkwrap.json': '{}' }],
    ['a dependency', manifest({ dependencies: { a: '2' } })],
    ['overrides', manifest({ overrides: { b: '1' } })],
    ['npm settings', { ...base, '.npmrc': 'omit=dev' }],
    ['the wanted Node', { ...base, '.nvmrc': '22' }],
    ['the wanted npm', manifest({ packageManager: 'npm@11.0.0' })],
  ])('change with %s', (_what, files) => expect(inputs(files)).not.toEqual(inputs(base)));

  it.each<[string, Files]>([
    ['a version', manifest({ version: '1.0.1' })],
    ['a script', manifest({ scripts: { test: 'vitest' } })],
    ['source', { ...base, 'index.js': '1' }],
  ])("don't with %s", (_what, files) => expect(inputs(files)).toEqual(inputs(base)));
});

it('never throws for hostile files', () => {
  const text = fc.oneof(fc.json(), fc.string(), fc.constant('{"scripts":{"__proto__":"x","install":1}}'));
  const names = [
    ...['package.json', 'package-lock.json', '.npmrc', 'binding.gyp', 'yarn.lock', '.yarnrc', 'bun.lock'],
    ...['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  ];
  const managers = ['yarn', 'bun', 'pnpm'].map((name) => `${name} install --frozen-lockfile`);
  const command = fc.constantFrom('npm ci', ...managers);
  const files = fc.dictionary(fc.constantFrom(...names), text);
  fc.assert(fc.property(files, command, (found, line) => void read(found, line)));
});

it('takes no longer than the lock file is long', () => {
  const large = [
    '@'.repeat(4e6),
    '"node_modules/'.repeat(3e5),
    '@.'.repeat(2e6),
    `"${'\n"'.repeat(2e6)}`,
    ' '.repeat(4e6),
    '\n'.repeat(4e6),
    'packages '.repeat(4e5),
    'node-linker:'.repeat(3e5),
    `packages${' '.repeat(4e6)}`,
  ];
  const begun = performance.now();
  for (const text of large) {
    read({ ...base, 'package-lock.json': text, '.npmrc': text });
    read({ ...yarn, 'yarn.lock': text, '.yarnrc': text }, 'yarn install --frozen-lockfile');
    read({ ...bun, 'bun.lock': text }, 'bun install --frozen-lockfile');
    read({ ...pnpm, 'pnpm-lock.yaml': text, 'pnpm-workspace.yaml': text, '.npmrc': text }, pnpmCommand);
  }
  expect(performance.now() - begun).toBeLessThan(20_000);
});

describe('a virtual environment of pip', () => {
  const command = (...files: string[]) =>
    `python3 -m venv .venv && .venv/bin/python -m pip install ${files.map((file) => `-r ${file}`).join(' ')}`;
  const one = (text: string) => read({ 'a.txt': text }, command('a.txt'));

  it('is kept when its files pin', () => {
    const files = {
      'a.txt':
        '# all of it\nFlask[async] == 3.1.3  # web\nzope.interface==7 ; python_version < "4" --hash=sha256:ab \\\n  --hash=sha256:cd\n',
      'b.txt': '\ufeff-r a.txt\r\nTyping_Extensions==4.1\r\n',
    };
    expect(read(files, command('a.txt', 'b.txt'))).toEqual({
      root: '.',
      folders: ['.venv'],
      linked: [],
      lockfile: 'a.txt',
      programs: ['python3'],
      last: null,
      holders: expect.any(RegExp),
      linksOut: true,
      only: ['pip', 'setuptools', 'wheel', 'flask', 'zope-interface', 'typing-extensions'],
      inputs: ['a.txt', files['a.txt'], 'b.txt', files['b.txt']],
    });
  });

  it.each([
    'flask',
    'flask>=3',
    'flask==3.*',
    'flask===3',
    '-e .',
    './wheels/a.whl',
    'a @ https://example.com/a.whl',
    '--index-url https://example.com',
    '-r other.txt',
    '-c limits.txt',
    `flask==${'1'.repeat(20_000)}`,
    `flask==1 ${'\\\n '.repeat(10_000)}`,
  ])('is not kept with the line %.40s', (line) => {
    expect(one(`click==8.1\n${line}\n`)).toEqual({ refused: 'a.txt, line 2, is not of the form name==1.2.3' });
  });

  it('of any text is kept or not, at once', () => {
    const pieces = fc.constantFrom('a==1', ' ', '\n', '\\\n', '#', ';', '--hash=a:b', '-r a.txt', '[', ']', 'é');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 3_000 }), (texts) => {
        const found = one(texts.join(''));
        expect(found !== null && ('refused' in found || found.folders[0] === '.venv')).toBe(true);
      }),
    );
  });
});
