import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkResults, checksInWords, checksScript } from './check-results.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-checks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(checks: Readonly<Record<string, string>>) {
  const file = join(folder, "it's.notes");
  const { status, stdout } = spawnSync('sh', ['-e', '-c', checksScript(checks, file)], {
    cwd: folder,
    encoding: 'utf8',
  });
  const notes = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return { status, stdout, results: checkResults(Object.keys(checks), notes) };
}

test('every check runs, whatever the others said, and has its own result', () => {
  const { status, stdout, results } = run({
    lint: 'echo "it is wrong"; exit 3',
    types: 'true\nfalse\necho not reached',
    format: 'echo well',
  });
  expect(status).toBe(1);
  expect(stdout).toBe(
    '── lint\n$ echo "it is wrong"; exit 3\nit is wrong\n── types\n$ true\nfalse\necho not reached\n── format\n$ echo well\nwell\n',
  );
  expect(results).toEqual([
    { name: 'lint', status: 'failed', exitCode: 3 },
    { name: 'types', status: 'failed', exitCode: 1 },
    { name: 'format', status: 'succeeded', exitCode: 0 },
  ]);
  expect(checksInWords(results)).toBe('lint failed (exit code 3), types failed (exit code 1), format passed');
});

test('all of them pass', () => {
  expect(run({ lint: 'true', types: 'true' })).toMatchObject({
    status: 0,
    results: [{ exitCode: 0 }, { exitCode: 0 }],
  });
});

test('what an earlier try left behind counts for nothing', () => {
  run({ lint: 'false' });
  expect(run({ lint: 'true' }).results).toEqual([{ name: 'lint', status: 'succeeded', exitCode: 0 }]);
});

test('a check without a note did not end', () => {
  const results = checkResults(['lint', 'types'], 'lint 0\nnonsense\ntypes x\n');
  expect(checksInWords(results)).toBe('lint passed, types did not end');
});
