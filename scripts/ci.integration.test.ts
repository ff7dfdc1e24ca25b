/** .ci/run adds up what tests and checks say, goes on after a failure, and passes nothing that did not say it passed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-ci-'));
  cpSync(join(import.meta.dirname, '../.ci'), join(folder, '.ci'), { recursive: true });
  mkdirSync(join(folder, 'scripts'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const goodTests = 'echo "Tests: 40 passed, 0 failed, 2 skipped"';
const goodChecks = 'echo "Checks: 6 passed, 0 failed"';

test.each<[what: string, tests: string, checks: string, sum: string, exit: number]>([
  ['all is well', goodTests, goodChecks, '46 passed, 0 failed', 0],
  ['tests fail', 'echo "Tests: 38 passed, 2 failed, 0 skipped"; exit 1', goodChecks, '44 passed, 2 failed', 1],
  ['a check fails', goodTests, 'echo "Checks: 5 passed, 1 failed"; exit 1', '45 passed, 1 failed', 1],
  ['the tests die before their sum', 'echo "9 passed, 0 failed"; kill -9 $$', goodChecks, '6 passed, 1 failed', 1],
  ['the tests exit badly after a good sum', `${goodTests}; exit 1`, goodChecks, '46 passed, 1 failed', 1],
  [
    'a test prints a sum of its own',
    `echo "Tests: 1 passed, 0 failed"; ${goodTests}`,
    goodChecks,
    '46 passed, 0 failed',
    0,
  ],
  ['somebody waits for input', `cat; ${goodTests}`, goodChecks, '46 passed, 0 failed', 0],
  ['every part is required', `[ "$TOWPATH_REQUIRE_PARTS" = 1 ] && ${goodTests}`, goodChecks, '46 passed, 0 failed', 0],
])('%s', (_what, tests, checks, sum, exit) => {
  for (const [name, body] of Object.entries({ test: tests, node: checks })) {
    writeFileSync(join(folder, 'scripts', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', cwd: '/', timeout: 60_000 });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(sum);
  expect(status).toBe(exit);
});
