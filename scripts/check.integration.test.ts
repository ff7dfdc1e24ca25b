/** Every guard of the house must be able to fail: a small clean house, and one violation seeded into it at a time. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const server = 'packages/server/src';

const clean: Readonly<Record<string, string>> = {
  'package.json': manifest('house', {
    workspaces: ['packages/*'],
    devDependencies: { '@biomejs/biome': '*', '@types/node': '*' },
  }),
  'packages/contract/package.json': manifest('@towpath/contract', { exports: { '.': './src/index.ts' } }),
  'packages/contract/src/index.ts': 'export const word = "release";\n'.replaceAll('"', "'"),
  'packages/server/package.json': manifest('@towpath/server', { exports: { './main': './src/main.ts' } }),
  [`${server}/main.ts`]: "import { plan } from './domain/plan.ts';\n\nprocess.stdout.write(plan());\n",
  [`${server}/domain/plan.ts`]: "/** Says what comes next. */\nexport function plan(): string {\n  return 'next';\n}\n",
};

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'towpath-house-'));
  for (const name of ['biome.json', 'knip.json', 'tsconfig.json', '.gitignore']) {
    cpSync(join(root, name), join(house, name));
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  write(clean);
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

let seeded: string[] = [];
afterEach(() => {
  for (const file of seeded) rmSync(join(house, file), { force: true });
  seeded = [];
  write(clean);
});

test('a clean house passes every check', () => {
  const { status, output } = check('types', 'lint', 'imports', 'length', 'deadcode');
  expect(output).toContain('Checks: 5 passed, 0 failed');
  expect(status).toBe(0);
});

const long = `${Array.from({ length: 501 }, (_, line) => `// ${line}`).join('\n')}\n`;
const uses = (specifier: string): string => `import { x } from '${specifier}';\n\nx();\n`;

test.each<[what: string, check: string, seed: Record<string, string>, said: string]>([
  ['the domain reaching up', 'imports', { [`${server}/domain/a.ts`]: uses('../store/b.ts') }, 'store is above domain'],
  ['a room reaching its neighbour', 'imports', { [`${server}/runs/a.ts`]: uses('../rollouts/b.ts') }, 'of one floor'],
  [
    'a driver reaching a driver',
    'imports',
    { [`${server}/traffic/a/a.ts`]: uses('../b/b.ts') },
    'no driver imports another',
  ],
  [
    "the contract using Node's modules",
    'imports',
    { 'packages/contract/src/a.ts': uses('node:fs') },
    'contract may import zod',
  ],
  [
    'the workflow library outside the engine',
    'imports',
    { [`${server}/runs/a.ts`]: uses('@dbos-inc/dbos-sdk') },
    'dbos',
  ],
  [
    'a type import in the wrong direction',
    'imports',
    { [`${server}/http/a.ts`]: "type A = import('../main.ts').A;\n" },
    'main.ts',
  ],
  [
    'a room nobody knows',
    'imports',
    { [`${server}/helpers/a.ts`]: 'export const a = 1;\n' },
    'no room of the layer table',
  ],
  ['a long file', 'length', { [`${server}/domain/a.ts`]: long }, '501 lines, over the limit of 500'],
  [
    'an unused export',
    'deadcode',
    { [`${server}/domain/plan.ts`]: `${clean[`${server}/domain/plan.ts`]}\nexport const unwanted = 1;\n` },
    'unwanted',
  ],
  ['an unused file', 'deadcode', { [`${server}/domain/a.ts`]: 'export const a = 1;\n' }, 'Unused files'],
  [
    'a circle of imports',
    'lint',
    {
      [`${server}/domain/plan.ts`]: "import { a } from './a.ts';\n\nexport const plan = (): string => a;\n",
      [`${server}/domain/a.ts`]: "import { plan } from './plan.ts';\n\nexport const a: string = plan.name;\n",
    },
    'noImportCycles',
  ],
  ['an any', 'lint', { [`${server}/domain/a.ts`]: 'export const a = (b: any): unknown => b;\n' }, 'noExplicitAny'],
  [
    'a promise nobody waits for',
    'lint',
    { [`${server}/domain/a.ts`]: 'const a = async (): Promise<void> => {};\n\na();\n' },
    'noFloatingPromises',
  ],
  ['a line of the console', 'lint', { [`${server}/domain/a.ts`]: "console.log('a');\n" }, 'noConsole'],
  ['other formatting', 'lint', { [`${server}/domain/a.ts`]: 'export const a = "a"\n' }, 'format'],
  ['a type error', 'types', { [`${server}/domain/a.ts`]: "export const a: number = 'a';\n" }, 'TS2322'],
  ['syntax that cannot be stripped', 'types', { [`${server}/domain/a.ts`]: 'export enum A {\n  B,\n}\n' }, 'TS1294'],
])('%s is refused by name', (_what, name, seed, said) => {
  seeded = Object.keys(seed);
  write(seed);
  const { status, output } = check(name);
  expect(output).toContain(said);
  for (const file of seeded.slice(-1)) expect(output).toContain(file);
  expect(output).toContain('Checks: 0 passed, 1 failed');
  expect(status).toBe(1);
});

test('a check that does not exist is an error, not a pass', () => {
  expect(check('typos')).toMatchObject({ status: 2, output: expect.stringContaining("no check 'typos'") });
});

function check(...names: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts'), ...names], {
    cwd: house,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  }
}

function manifest(name: string, rest: object): string {
  return `${JSON.stringify({ name, private: true, type: 'module', ...rest }, null, 2)}\n`;
}
