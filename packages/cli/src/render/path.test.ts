import { stripVTControlCharacters as plain } from 'node:util';
import type { PathView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput } from '../output.ts';
import { renderPath } from './path.ts';

const stage = (
  kind: PathView['stages'][number]['kind'],
  changes: Partial<PathView['stages'][number]> = {},
): PathView['stages'][number] => ({
  kind,
  environment: null,
  name: kind,
  settings: [],
  skip: null,
  deadlineMs: null,
  ...changes,
});
const from = 'detected: package.json, script "test"';
const test_ = { path: 'test', value: 'npm test', origin: from };
const path: PathView = {
  project: 'shop',
  service: 'api',
  branch: 'main',
  commit: '3f2c1a9000000000000000000000000000000000',
  message: 'First',
  author: 'Ada',
  kind: { value: 'Node 24 with npm', origin: 'package-lock.json' },
  stages: [
    stage('quality', {
      settings: [
        { path: 'quality.lint', value: 'npm run lint', origin: 'package.json' },
        { path: 'quality.types', value: 'npx tsc', origin: 'tsconfig.json' },
      ],
    }),
    stage('unit', { settings: [test_] }),
    stage('build', { skip: 'switched off (service settings)' }),
    stage('approval', {
      name: 'approval production',
      environment: 'production',
      deadlineMs: 604_800_000,
    }),
    stage('deploy', { name: 'deploy production', environment: 'production' }),
  ],
  settings: [test_, { path: 'build', value: false, origin: 'service settings' }],
  differs: [{ environment: 'staging', settings: [{ path: 'replicas', value: 2, origin: 'towpath.yaml, line 3' }] }],
  toolchains: [
    { name: 'node', wanted: '22', origin: '.nvmrc', uses: '22.14.0 (~/.nvm)', remark: null },
    { name: 'pnpm', wanted: null, origin: 'pnpm-lock.yaml', uses: null, remark: 'pnpm is not on this machine' },
  ],
  notices: [{ text: 'A fixed port', origin: 'index.js', help: 'Listen on $PORT.' }],
  refused: [],
  question: null,
};

function shown(columns: number | undefined): string[] {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const stream = columns === undefined ? { write } : { write, isTTY: true, columns };
  renderPath(createOutput(false, stream, { write }), path);
  return plain(text).trimEnd().split('\n');
}

test('stages and settings, each with its origin', () => {
  expect(shown(undefined)).toEqual([
    'api  main 3f2c1a9  First',
    'Node 24 with npm  ← package-lock.json',
    '',
    '● quality              lint: npm run lint  ← package.json',
    '                       types: npx tsc  ← tsconfig.json',
    `● unit                 npm test  ← ${from}`,
    '– build                switched off (service settings)',
    '◇ approval production  a person answers within 7d  ← environment production',
    '● deploy production    nothing to start',
    '',
    'settings',
    `  test   npm test  ← ${from}`,
    '  build  off  ← service settings',
    '',
    'toolchains',
    '  node  22.14.0 (~/.nvm)  ← .nvmrc: 22',
    '  pnpm  missing  ← pnpm-lock.yaml',
    '',
    'in staging',
    '  replicas  2  ← towpath.yaml, line 3',
    '',
    '! pnpm is not on this machine',
    '! A fixed port (index.js). Listen on $PORT.',
  ]);
});

test('on a narrow terminal origins stand below, and no line is longer', () => {
  const lines = shown(60);
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
  expect(lines.join('\n')).toContain(`● unit                 npm test\n        ← ${from}`);
});
