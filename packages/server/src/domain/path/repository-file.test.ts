import { readdirSync, readFileSync } from 'node:fs';
import { RepositoryFile } from '@towpath/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolve } from './layers.ts';
import { fileNameHint, readRepositoryFile, repositoryLayer } from './repository-file.ts';
import { environments, told } from './testing/told.ts';

test('all mistakes are told at once, in the order of the file', () => {
  const text = 'replicas: x\nenv:\n  A: true\ntests: y\nhealth:\n  path: z\nstart: a\nstatic: b\nrollout: c\n';
  expect(told(text).map((line) => line.split(':').slice(1, 3).join(':'))).toEqual([
    '1: replicas',
    '3: env.A',
    '4: tests',
    '6: health.path',
    '8: static',
    '9: rollout',
  ]);
});

test('twenty are shown, the others counted', () => {
  const lines = told(Array.from({ length: 25 }, (_, index) => `key${index}: x`).join('\n'));
  expect([lines.length, lines.at(-1)]).toEqual([21, '… and 5 more']);
});

test('what comes before a line that cannot be read is told too, what may be seen wrong is not', () => {
  const lines = told('tests: a\nhealth:\n\tpath: x\nrollout: b');
  expect(lines.map((line) => line.split(':').slice(0, 3).join(':'))).toEqual([
    'towpath.yaml:1: tests',
    'towpath.yaml:3: a tab indents this line; blanks are allowed',
  ]);
});

test('a file in a folder is named with it', () => {
  expect(() => readRepositoryFile('replicas: x', { name: 'services/api/towpath.yaml' })).toThrow(
    /^services\/api\/towpath.yaml:1: replicas: /,
  );
});

describe('a file that is right', () => {
  test.each([
    ['nothing', ''],
    ['a comment', '# later\n'],
    ['no keys', '{}'],
    ['an end of document', 'test: a\n...\n'],
  ])('may hold %s', (_what, text) => {
    expect(told(text)).toEqual([]);
  });

  test('says what the README shows, as text, JSON, with a byte order mark or the line ends of Windows', () => {
    const everything = `
runtime: { node: 22, python: 3.10 }
install: pnpm install --frozen-lockfile
quality: { lint: pnpm lint, types: pnpm tsc --noEmit }
test: pnpm test
build: false
start: node dist/main.js
release: node migrate.js
processes:
  mailer: { kind: worker, command: node dist/worker.js, replicas: 2 }
  report: { kind: job, command: node dist/report.js }
health: { path: /healthz, startTimeout: 60s }
timeouts: { stage: 30m, drain: 30s }
resources: { memory: 512Mi, cpu: 0.5 }
env: { LOG_LEVEL: info, RATIO: 1.10, OLD: null }
data: data
triggers: { branches: [main, "release/*"], paths: ["services/api/**"], tags: ["v*"] }
environments:
  staging: { test: false, env: { LOG_LEVEL: debug }, replicas: 1, beforeDeploy: ./scripts/warm.sh }
  production: { deploy: approve, approvalTimeout: 7d, replicas: 3 }
`;
    const { values } = readRepositoryFile(everything, { environments });
    expect(values).toMatchObject({
      runtime: { node: '22', python: '3.10' },
      build: false,
      processes: { mailer: { kind: 'worker', command: 'node dist/worker.js', replicas: 2 } },
      env: { LOG_LEVEL: 'info', RATIO: '1.10', OLD: null },
      environments: { production: { deploy: 'approve', replicas: 3 } },
    });
    for (const same of [`\ufeff${everything}`, everything.replaceAll('\n', '\r\n'), JSON.stringify(values)]) {
      expect(readRepositoryFile(same).values).toEqual(values);
    }
  });

  test('is a layer whose values name their lines', () => {
    const file = readRepositoryFile('health:\n  path: /up\nenvironments:\n  production:\n    env: { A: b }\n');
    const { origins } = resolve([repositoryLayer(file)], 'production');
    expect(origins).toEqual([
      { path: 'health.path', value: '/up', origin: 'towpath.yaml, line 2' },
      { path: 'env.A', value: 'b', origin: 'towpath.yaml, line 5' },
    ]);
  });
});

test.each([
  [['towpath.yml', 'a'], 'towpath.yml is not read; rename it to towpath.yaml'],
  [['.towpath.yaml'], '.towpath.yaml is not read; rename it to towpath.yaml'],
  [['Towpath.YAML'], 'Towpath.YAML is not read; rename it to towpath.yaml'],
  [['towpath.json'], 'towpath.json is not read; write its settings as YAML into towpath.yaml'],
  [['towpath.config.ts'], 'towpath.config.ts is not read; write its settings as YAML into towpath.yaml'],
  [['towpath.yaml', 'towpath.yml'], null],
  [['README.md'], null],
])('of the files %j is said: %s', (names, hint) => {
  expect(fileNameHint(names)).toBe(hint);
});

describe('hostile text', () => {
  const key = fc.constantFrom(
    ...Object.keys(RepositoryFile.shape),
    'on',
    'jobs',
    '<<',
    '__proto__',
    'constructor',
    'x',
  );
  const scrap = fc.oneof(
    { weight: 3, arbitrary: key.map((name) => `${name}: `) },
    fc.constantFrom(
      '\n',
      '\n  ',
      '\n\t',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '&a ',
      '*a',
      '!x ',
      '|\n',
      '? ',
      ': ',
      '"',
      "'",
      '#',
    ),
    fc.constantFrom(
      '---\n',
      '...',
      '%YAML 1.1\n',
      '\0',
      '\ufeff',
      '\u2028',
      '\ud800',
      '1e999',
      '.nan',
      '~',
      'true',
      '0x1f',
    ),
    fc.string({ maxLength: 8 }),
  );

  test('gives settings or the clear error', () => {
    const text = fc.oneof(
      fc.array(scrap, { maxLength: 40 }).map((all) => all.join('')),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (source) => {
        for (const line of told(source)) expect(line).toMatch(/^(towpath\.yaml:\d+: \P{Cc}+|… and \d+ more)$/u);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['deep lists', '['.repeat(999_999)],
    ['deep maps', '{'.repeat(999_999)],
    ['lists in a line', '- '.repeat(499_999)],
    ['nested keys', '? '.repeat(499_999)],
    ['closed brackets', ']'.repeat(999_999)],
    ['anchors', '&a '.repeat(333_333)],
    [
      'aliases of aliases',
      Array.from({ length: 50 }, (_, index) => `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]`).join('\n'),
    ],
    ['keys', Array.from({ length: 90_000 }, (_, index) => `a${index}: 1\n`).join('')],
    ['escapes', `test: "${'\\x'.repeat(490_000)}"`],
    ['documents', '---\n'.repeat(249_999)],
    ['empty lines', '\n'.repeat(999_999)],
    ['deep indentation', Array.from({ length: 1_000 }, (_, index) => `${' '.repeat(index)}a:\n`).join('')],
  ])('%s cost little time', (_what, text) => {
    const began = performance.now();
    told(text);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

const docs = new URL('../../../../../docs/', import.meta.url);
const shown = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => {
    const text = readFileSync(new URL(path, docs), 'utf8');
    return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, file = '']) => ({ path, file }));
  });

test('documents show files', () => {
  expect(shown.length).toBeGreaterThan(1);
});

test.each(shown)('the file that $path shows is right: $file', ({ file }) => {
  expect(told(file)).toEqual([]);
});
