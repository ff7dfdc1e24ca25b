import type { FileView } from '../files.ts';
import { foldersBelow, glance, hasFile, namesIn } from '../files.ts';
import type { Check, Found, Notice } from '../found.ts';
import type { Manager } from './managers.ts';
import type { NodePackage } from './package.ts';

/** A tool of a dependency that is set up by a file, for packages without a script. */
interface SetUp {
  readonly name: Check['name'];
  readonly dependency: string;
  readonly files: RegExp;
  /** Also set up by this field of package.json. */
  readonly field?: 'prettier' | 'eslintConfig';
  readonly command: string;
}

/** The names that people give to the scripts of a check; the first that is there is taken. */
const scripts: Readonly<Record<Check['name'], readonly string[]>> = {
  lint: ['lint', 'lint:check', 'lint:ci', 'check:lint', 'eslint', 'biome:ci'],
  types: ['typecheck', 'type-check', 'check-types', 'check:types', 'types:check', 'lint:types', 'tsc', 'types'],
  format: [
    'format:check',
    'check:format',
    'check-format',
    'format-check',
    'fmt:check',
    'prettier:check',
    'lint:format',
  ],
};

const setUps: readonly SetUp[] = [
  { name: 'lint', dependency: '@biomejs/biome', files: /^biome\.jsonc?$/, command: 'biome ci' },
  {
    name: 'lint',
    dependency: 'eslint',
    files: /^(eslint\.config\.[cm]?[jt]s|\.eslintrc(\.(json|c?js|ya?ml))?)$/,
    field: 'eslintConfig',
    command: 'eslint .',
  },
  { name: 'lint', dependency: 'oxlint', files: /^\.?oxlint(rc)?\.(json|config\.ts)$/, command: 'oxlint' },
  { name: 'types', dependency: 'typescript', files: /^tsconfig\.json$/, command: 'tsc --noEmit' },
  {
    name: 'format',
    dependency: 'prettier',
    files: /^(\.prettierrc(\..*)?|prettier\.config\.[cm]?[jt]s)$/,
    field: 'prettier',
    command: 'prettier --check .',
  },
];

const names = ['lint', 'types', 'format'] as const;

/** What `npm init` writes only says that there is no test. */
function isPlaceholder(text: string): boolean {
  return text.includes('no test specified');
}

/** `ownTypes`: the framework's build checks the types, and they can't be checked before it. */
export function qualityOf(files: FileView, own: NodePackage, manager: Manager, ownTypes: boolean): Check[] {
  return names.flatMap((name): Check[] => {
    const checks = name === 'types' && /\b(svelte-check|astro check|vue-tsc|tsc)\b/.test(own.script('check') ?? '');
    const known = checks ? [...scripts[name], 'check'] : scripts[name];
    const script = known.find((each) => own.script(each) !== null && !isPlaceholder(own.script(each) ?? ''));
    if (script !== undefined) {
      return [{ name, command: manager.script(script), origin: `package.json, script "${script}"` }];
    }
    const set = setUps.find(
      (each) => each.name === name && own.dependsOn(each.dependency) && isSetUp(files, own, each),
    );
    if (set === undefined || (name === 'types' && ownTypes)) return [];
    // A tsconfig.json with references holds no files of its own: without --build nothing would be checked.
    const references = name === 'types' && /"references"\s*:/.test(glance(files, 'tsconfig.json') ?? '');
    const command = references ? 'tsc --build --noEmit' : set.command;
    return [{ name, command: manager.program(command), origin: originOf(files, set) }];
  });
}

function isSetUp(files: FileView, own: NodePackage, set: SetUp): boolean {
  return namesIn(files, '.', set.files).length > 0 || (set.field !== undefined && own.has(set.field));
}

function originOf(files: FileView, set: SetUp): string {
  return namesIn(files, '.', set.files)[0] ?? `package.json, "${set.field}"`;
}

const runners = [
  ['vitest', 'vitest run'],
  ['jest', 'jest'],
  ['mocha', 'mocha'],
  ['ava', 'ava'],
] as const;
const testFile = /[.-](test|spec)\.[cm]?[jt]sx?$/;

export function testOf(files: FileView, own: NodePackage, manager: Manager): Found | null {
  for (const name of ['test', 'test:unit', 'unit', 'test:ci']) {
    const text = own.script(name);
    if (text !== null && !isPlaceholder(text)) {
      return { value: manager.script(name), origin: `package.json, script "${name}"` };
    }
  }
  const runner = runners.find(([dependency]) => own.dependsOn(dependency));
  if (runner !== undefined && (hasFile(files, testFile) || hasTestFolder(files))) {
    return { value: manager.program(runner[1]), origin: `package.json, dependency "${runner[0]}"` };
  }
  const proof = foldersBelow(files, '.', 2)
    .flatMap((folder) => namesIn(files, folder, testFile))
    .slice(0, 5)
    .find((path) => (glance(files, path) ?? '').includes('node:test'));
  return proof === undefined ? null : { value: 'node --test', origin: `${proof}, which uses node:test` };
}

function hasTestFolder(files: FileView): boolean {
  return ['test', 'tests', '__tests__', 'src/__tests__'].some((folder) => files.list(folder).length > 0);
}

/** Scripts that a stage would wait for in vain. */
export function endless(own: NodePackage): Notice[] {
  return ['test', 'lint', 'build'].flatMap((name) => {
    const text = own.script(name) ?? '';
    // Jest's -w is its number of workers.
    const watches =
      /\s--watch(All)?(?![=\w])/.test(text) || /^(nodemon\b|(tsc|rollup|webpack|mocha)\b.*\s-w(\s|$))/.test(text);
    if (!watches) return [];
    return [
      {
        text: `The script "${name}" watches for changes and never ends: ${text.slice(0, 200)}`,
        origin: `package.json, script "${name}"`,
        help: `Take the watching out of "${name}", and keep it as a script of its own, "${name}:watch".`,
      },
    ];
  });
}
