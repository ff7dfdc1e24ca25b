import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonHolders } from './python-installs.ts';
import { recipeOf } from './recipe.ts';
import { commitOf } from './testing/commit.ts';

type Files = Readonly<Record<string, string>>;
const read = (files: Files, command: string) => recipeOf(command, { commit: commitOf(files), folder: '.' });
const common = {
  root: '.',
  folders: ['.venv'],
  linked: [],
  programs: ['python3'],
  last: null,
  holders: pythonHolders,
  linksOut: true,
};
const always = ['pip', 'setuptools', 'wheel'];

describe('a virtual environment of Poetry', () => {
  const install = 'POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction';
  const lock =
    '[[package]]\nname = "Jinja2"\nversion = "3.1.6"\n\n[package.source]\ntype = "legacy"\nurl = "https://a"\n';
  const project =
    '[project]\nname = "greeter"\n\n[build-system]\nbuild-backend = "poetry.core.masonry.api"\n\n[tool.ruff]\nline-length = 100\n';
  const files = { 'poetry.lock': lock, 'pyproject.toml': project };

  it.each([install, `${install} --no-root`])('is kept after %s', (command) => {
    expect(read(files, command)).toEqual({
      ...common,
      lockfile: 'poetry.lock',
      only: [...always, 'jinja2', 'greeter'],
      inputs: [lock, project, ''],
    });
  });

  it.each<[string, Files, RegExp]>([
    ['a folder of the repository', { 'poetry.lock': `${lock}\n[package.source]\ntype = "directory"\n` }, /"directory"/],
    ['a package of a git repository', { 'poetry.lock': `${lock}\n[package.source]\ntype = "git"\n` }, /"git"/],
    [
      'packages of the system',
      { 'poetry.toml': '[virtualenvs.options]\nsystem-site-packages = true\n' },
      /poetry\.toml/,
    ],
    ['a build script', { 'pyproject.toml': `${project}[tool.poetry]\nbuild = "build.py"\n` }, /script that builds/],
    ['a build script of today', { 'pyproject.toml': `${project}[tool.poetry.build]\nscript = "b.py"\n` }, /script/],
    [
      'another builder',
      { 'pyproject.toml': '[build-system]\nbuild-backend = "setuptools.build_meta"\n' },
      /another tool/,
    ],
    ['a version from a plugin', { 'pyproject.toml': `${project}[tool.poetry-dynamic-versioning]\n` }, /plugin/],
  ])('is not kept with %s', (_, more, why) => {
    expect(read({ ...files, ...more }, install)).toEqual({ refused: expect.stringMatching(why) });
  });

  it('without a package of its own is kept however that would be built', () => {
    const own = { ...files, 'pyproject.toml': `${project}[tool.poetry]\nbuild = "build.py"\n` };
    expect(read(own, `${install} --no-root`)).toMatchObject(common);
  });

  it('is not kept without a lock file', () => {
    expect(read({ 'pyproject.toml': project }, install)).toBeNull();
  });
});

describe('a virtual environment of Pipenv', () => {
  const install = 'PIPENV_VENV_IN_PROJECT=1 pipenv sync --dev';
  const locked = (develop: unknown) =>
    JSON.stringify({ default: { Flask: { version: '==3.1.3', hashes: [] } }, develop: { zope_interface: develop } });
  const files = (develop: unknown) => ({ 'Pipfile.lock': locked(develop), Pipfile: '[packages]\nflask = "*"\n' });

  it('is kept when its lock file pins', () => {
    const given = files({ version: '==7.0' });
    expect(read(given, install)).toEqual({
      ...common,
      lockfile: 'Pipfile.lock',
      only: [...always, 'flask', 'zope-interface'],
      inputs: [given['Pipfile.lock'], given.Pipfile],
    });
  });

  it.each<[string, unknown]>([
    ['a folder', { path: '.', editable: true }],
    ['a folder with a version', { version: '==1.0', path: './lib' }],
    ['a repository', { git: 'https://example.com/a.git', ref: 'abc' }],
    ['any version', { version: '*' }],
  ])('is not kept with %s', (_, develop) => {
    expect(read(files(develop), install)).toEqual({
      refused: 'Pipfile.lock names "zope_interface" without one version',
    });
  });

  it('is nothing to keep with a lock file that is none', () => {
    for (const text of ['{', '[]', '{"default": 3}']) {
      expect(read({ 'Pipfile.lock': text, Pipfile: '' }, install)).toBeNull();
    }
  });
});

it('of any text is kept or not, at once', () => {
  const pieces = fc.constantFrom('name = "a"\n', 'name', ' ', '\n', '=', '"', 'build', 'type = "git"\n', '{', '}', 'é');
  const commands = fc.constantFrom(
    'POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction',
    'PIPENV_VENV_IN_PROJECT=1 pipenv sync',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 3_000 }), commands, (texts, command) => {
      const text = texts.join('');
      const names = ['poetry.lock', 'pyproject.toml', 'poetry.toml', 'Pipfile.lock', 'Pipfile'];
      const found = read(Object.fromEntries(names.map((name) => [name, text])), command);
      expect(found === null || 'refused' in found || found.folders[0] === '.venv').toBe(true);
    }),
  );
  const long = ['name'.repeat(1e6), `build${' '.repeat(4e6)}`, `build-backend =${' '.repeat(4e6)}`, '\n'.repeat(4e6)];
  const begun = performance.now();
  for (const text of long)
    read(
      { 'poetry.lock': text, 'pyproject.toml': text },
      'POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction',
    );
  expect(performance.now() - begun).toBeLessThan(20_000);
});
