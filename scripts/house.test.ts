import { describe, expect, test } from 'vitest';
import { packageCircle, placeOf, refusal } from './house.ts';
import { importsOf } from './imports.ts';

const server = 'packages/server/src';
const why = (file: string, specifier: string): string | undefined =>
  refusal(file, { specifier, line: 1, kind: 'import' });

describe('the import direction', () => {
  test.each([
    ['a lower floor', `${server}/runs/run.ts`, '../store/runs.ts'],
    ['the ground floor', `${server}/domain/path/plan.ts`, '../../config.ts'],
    ['its own room', `${server}/domain/path/plan.ts`, '../release/config.ts'],
    ["the room's contract, from a driver", `${server}/executors/process/process.ts`, '../executor.ts'],
    ["the driver's own files", `${server}/executors/process/process.ts`, './argv.ts'],
    ['every driver, from main', `${server}/main.ts`, './executors/process/process.ts'],
    ['a neighbour, from a test', `${server}/engine/engine.integration.test.ts`, '../store/open.ts'],
    ['a driver, from a test of its room', `${server}/traffic/router.test.ts`, './fake/fake.ts'],
    ['a package below', `${server}/http/runs.ts`, '@towpath/contract'],
    ['a client, from main', `${server}/main.ts`, '@towpath/supervisor/client'],
    ['the suite, from the fake driver that it is fed by', `${server}/sources/fake/source.ts`, '../conformance.ts'],
    ["a test's scene, with its test library", 'packages/cli/src/system/scene.ts', 'vitest'],
    ['the world that stories live in, from what measures it', 'bench/stage.ts', '../e2e/world.ts'],
    ['one entry of a package', 'packages/cli/src/up.ts', '@towpath/supervisor/client'],
    ['the workflow library, from the engine', `${server}/engine/engine.ts`, '@dbos-inc/dbos-sdk'],
    ["Node's modules, from a test of the domain", `${server}/domain/detect/detect.test.ts`, 'node:fs'],
    [
      'the parts of the machine, from a test',
      `${server}/store/open.integration.test.ts`,
      '../../../../scripts/parts.ts',
    ],
  ])('allows %s', (_what, file, specifier) => {
    expect(why(file, specifier)).toBeUndefined();
  });

  test.each([
    ['the floor above', `${server}/domain/path/plan.ts`, '../../store/schema.ts', 'store is above domain'],
    [
      'the floor above, from a test',
      `${server}/store/runs.test.ts`,
      '../operations/deploy.ts',
      'operations is above store',
    ],
    ['a neighbour', `${server}/engine/engine.ts`, '../store/schema.ts', 'rooms of one floor'],
    ['a neighbour on another floor', `${server}/runs/run.ts`, '../rollouts/rollout.ts', 'rooms of one floor'],
    ['main', `${server}/http/server.ts`, '../main.ts', 'main.ts is above http'],
    ['another driver of the room', `${server}/executors/process/p.ts`, '../fake/f.ts', 'no driver imports another'],
    ['another room’s driver', `${server}/executors/process/p.ts`, '../../platforms/process/p.ts', 'rooms of one floor'],
    ['a driver, from its room', `${server}/executors/executor.ts`, './fake/f.ts', 'main.ts lists the drivers'],
    ['another package by a path', `${server}/http/runs.ts`, '../../../contract/src/index.ts', 'by its package name'],
    ['what measures, from a story', 'e2e/journey.e2e.ts', '../bench/row.ts', 'by its package name'],
    ['a package above', 'packages/contract/src/index.ts', '@towpath/client', 'contract may import no package'],
    ['another entry of a package', 'packages/cli/src/up.ts', '@towpath/supervisor', 'cli may import contract, client'],
    [
      'a client, from anywhere else',
      `${server}/runs/run.ts`,
      '@towpath/supervisor/client',
      'server may import contract',
    ],
    ['a package that is not in the table', 'packages/cli/src/up.ts', '@towpath/misc', 'no package misc'],
    ['the workflow library', `${server}/runs/run.ts`, '@dbos-inc/dbos-sdk', 'runs may import node'],
    ['a library’s inner file', `${server}/http/runs.ts`, 'drizzle-orm/pg-core', 'http may import node'],
    ["Node's modules in the domain", `${server}/domain/path/plan.ts`, 'node:fs', 'domain may import zod'],
    ['libraries in the contract', 'packages/contract/src/words.ts', 'pino', 'contract may import zod'],
    ['what only tests use', `${server}/store/open.ts`, './testing/database.ts', 'for tests only'],
    ['the test parts in a product file', `${server}/store/open.ts`, '../../../../scripts/parts.ts', 'only tests'],
  ])('refuses %s', (_what, file, specifier, reason) => {
    expect(why(file, specifier)).toContain(reason);
  });

  test('lets anyone ask for the address of a program, but not load it', () => {
    const main = { specifier: '@towpath/router/main', line: 1 };
    expect(refusal('packages/supervisor/src/main.ts', { ...main, kind: 'resolve' })).toBeUndefined();
    expect(refusal('packages/supervisor/src/main.ts', { ...main, kind: 'import' })).toContain('supervisor may import');
  });

  test('refuses a place that the table does not know', () => {
    expect(() => placeOf('packages/misc/src/index.ts')).toThrow('no package of the layer table');
    expect(() => placeOf(`${server}/helpers/strings.ts`)).toThrow('there is no server/src/helpers in it');
  });

  test('finds a circle among the packages', () => {
    const table = (names: Record<string, string[]>) =>
      Object.fromEntries(
        Object.entries(names).map(([name, packages]) => [name, { meaning: '', packages, libraries: [] }]),
      );
    expect(packageCircle()).toBeUndefined();
    expect(packageCircle(table({ a: ['b/entry'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
  });
});

test('finds every way to name a module, with its line', () => {
  const source = [
    "import './effect.ts';",
    "import type { A } from './type.ts';",
    "export * from './star.ts';",
    "export { b } from './named.ts';",
    "type C = import('./inline.ts').C;",
    "const d = await import('./dynamic.ts');",
    "const e = import.meta.resolve('@towpath/router/main');",
    "const f = new URL('./asset.ts', import.meta.url);",
    "vi.mock('./mocked.ts');",
    "const folder = new URL('./migrations', import.meta.url);",
    "// import './comment.ts';",
    'const g = "import \'./text.ts\'";',
  ].join('\n');
  expect(importsOf('x.ts', source).map(({ specifier, line, kind }) => `${line} ${kind} ${specifier}`)).toEqual([
    '1 import ./effect.ts',
    '2 import ./type.ts',
    '3 import ./star.ts',
    '4 import ./named.ts',
    '5 import ./inline.ts',
    '6 import ./dynamic.ts',
    '7 resolve @towpath/router/main',
    '8 import ./asset.ts',
    '9 import ./mocked.ts',
  ]);
});
