import { expect, test } from 'vitest';
import { detect } from '../detect/detect.ts';
import type { Tool } from '../detect/found.ts';
import { Fixtures } from '../detect/testing/fixture.ts';
import compiled from '../detect/testing/fixtures/compiled.json' with { type: 'json' };
import node from '../detect/testing/fixtures/node.json' with { type: 'json' };
import others from '../detect/testing/fixtures/others.json' with { type: 'json' };
import python from '../detect/testing/fixtures/python.json' with { type: 'json' };
import { viewOf } from '../detect/testing/view.ts';
import { fits } from './requirement.ts';
import { nobodysRule, unreadableVersions, wishesOf } from './wishes.ts';

const nobody = { runtime: {}, origins: [] };
const wish = (tool: Tool, others: readonly Tool[] = []) => {
  const [found] = wishesOf(nobody, [tool, ...others], []).filter((each) => each.name === tool.name);
  if (found === undefined) throw new Error('it is no wish');
  return found;
};

test.each([
  ['node', '22', '.nvmrc', true],
  ['node', '22', '.node-version of the top folder', true],
  ['node', '22.1.0', 'package.json, "volta.node"', true],
  ['node', '>=20', 'package.json, "engines.node"', false],
  ['node', '>=20', 'package.json, "engines.node" of the top folder', false],
  ['node', '>=22.18', 'src/main.ts, whose types Node strips', false],
  ['pnpm', '10.4.1', 'package.json, "packageManager" of the top folder', true],
  ['pnpm', '>=9', 'pnpm-lock.yaml', false],
  ['yarn', '1.22.22', 'package.json, "packageManager"', true],
  ['python', '3.12', '.python-version', true],
  ['python', '3.12.4', 'runtime.txt', true],
  ['python', '3.12', 'Pipfile, "requires.python_version"', true],
  ['python', '3.12', 'Pipfile.lock, "requires"', true],
  ['python', '>=3.10', 'pyproject.toml, "project.requires-python"', false],
  ['python', '^3.11', 'pyproject.toml, "tool.poetry.dependencies.python"', false],
  ['go', '>=1.22', 'go.mod, line "go"', false],
  ['go', '>=1.22.3', 'go.mod, line "toolchain"', false],
  ['rust', '1.86', 'rust-toolchain.toml', true],
  ['rust', '>=1.70', 'Cargo.toml, "rust-version"', false],
  ['java', '21', '.java-version', true],
  ['java', '17', 'pom.xml', false],
  ['java', '17', 'build.gradle.kts', false],
  ['ruby', '3.4.1', '.ruby-version', true],
  ['ruby', '~> 3.2', 'Gemfile', false],
  ['php', '^8.2', 'composer.json', false],
])('%s %s of %s: must it be that one? %s', (name, wanted, origin, must) => {
  const found = wish({ name, wanted, origin });
  expect(found.must).toBe(must);
  expect(found.because === null).toBe(must);
  expect(found.requirement).not.toBeNull();
});

test('every wish that is detected somewhere has a rule, and can be read', () => {
  const tables = [node, python, compiled, others].flatMap((table) => Fixtures.parse(table));
  const tools = tables.flatMap(({ files, folder }) => detect(viewOf(files), folder).tools);
  const wanted = wishesOf(nobody, tools, []).filter((each) => each.wanted !== null);
  expect(wanted.length).toBeGreaterThan(20);
  const odd = wanted.filter((each) => each.because === nobodysRule || each.requirement === null);
  expect(odd.map(({ name, wanted, origin }) => [name, wanted, origin])).toEqual([]);
});

test('Maven and Gradle name the oldest Java that will do; .java-version names one', () => {
  const [built, pinned] = ['pom.xml', '.java-version'].map((origin) => wish({ name: 'java', wanted: '17', origin }));
  const newer = { version: '21.0.2' };
  expect(built?.requirement && fits('java', built.requirement, newer)).toBe(true);
  expect(pinned?.requirement && fits('java', pinned.requirement, newer)).toBe(false);
});

test('what cannot be read binds nobody, and uv fetches its Python', () => {
  expect(wish({ name: 'python', wanted: 'pypy3.9', origin: '.python-version' })).toMatchObject({
    must: false,
    requirement: null,
  });
  const python = { name: 'python', wanted: '3.12', origin: '.python-version' };
  expect(wish(python, [{ name: 'uv', wanted: null, origin: 'uv.lock' }])).toMatchObject({
    must: false,
    because: 'uv fetches the Python it needs by itself',
  });
});

test('of what nobody can tell versions of, only that it is there is asked', () => {
  expect(wish({ name: 'elixir', wanted: '~> 1.17', origin: 'mix.exs' })).toMatchObject({ wanted: null, must: false });
});

test('the settings are stronger than the commit, languages come before what they start, and unknown tools are left out', () => {
  const tools = [
    { name: 'pnpm', wanted: null, origin: 'pnpm-lock.yaml' },
    { name: 'node', wanted: '20', origin: '.nvmrc' },
    { name: 'constructor', wanted: null, origin: 'x' },
  ];
  const origins = [{ path: 'runtime.node', value: '22', origin: 'service settings' }];
  const wishes = wishesOf({ runtime: { node: '22' }, origins }, tools, ['pnpm install']);
  expect(wishes.map(({ name, wanted, origin, must, needed }) => [name, wanted, origin, must, needed])).toEqual([
    ['node', '22', 'service settings', true, true],
    ['pnpm', null, 'pnpm-lock.yaml', false, true],
  ]);
});

test.each([
  ['npm ci', 'node', true],
  ['cd web && npx vite build', 'node', true],
  ['.venv/bin/python -m pytest', 'python', true],
  ['FOO=1 uv sync --locked', 'uv', true],
  ['sh ./mvnw test', 'java', true],
  ["sh -c 'go build'", 'go', true],
  ['./bin/nodes', 'node', false],
  ['make test', 'go', false],
])('does "%s" need %s? %s', (command, name, needed) => {
  const found = wishesOf(nobody, [{ name, wanted: null, origin: 'x' }], [command]);
  expect(found[0]?.needed).toBe(needed);
});

test('a version that nobody understands is told of', () => {
  expect(unreadableVersions({ node: '22', python: 'three' })).toEqual([
    'runtime.python: "three" is no version or range; one like "3.12" is allowed',
  ]);
});
