/** A test run ends with a sum that hides nothing: what a run of Vitest says about files written for the purpose. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const parts = join(import.meta.dirname, 'parts.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-tally-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('passed, failed and skipped are counted, and a skip says why', () => {
  const { status, output } = run(`
    test('one', () => {});
    test('two', () => expect(1).toBe(2));
    test('three', ({ skip }) => skip('needs the moon: wait for the night'));
    test('four', ({ skip }) => skip('needs the moon: wait for the night'));
  `);
  expect(output).toContain('skipped 2: needs the moon: wait for the night');
  expect(output).toContain('failed: a.test.ts: two');
  expect(output).toMatch(/^Tests: 1 passed, 1 failed, 2 skipped$/m);
  expect(status).toBe(1);
});

test('a skip without a reason is a failure', () => {
  const { status, output } = run(`test('one', () => {}); test.skip('two', () => {});`);
  expect(output).toContain('failed: a.test.ts: two: did not run, and no reason is given');
  expect(output).toContain('Tests: 1 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

test('tests that a name filter leaves out are no failure', () => {
  const { status, output } = run(`test('one', () => {}); test('two', () => {});`, {}, '-t', 'one');
  expect(output).toContain('Tests: 1 passed, 0 failed, 1 skipped');
  expect(status).toBe(0);
});

test.each([
  ['a file that does not load', `throw new Error('broken from the start');`, 'broken from the start'],
  ['a hook that fails', `beforeAll(() => { throw new Error('no ground'); }); test('one', () => {});`, 'no ground'],
  ['an error outside any test', `test('one', () => { void Promise.reject(new Error('lost')); });`, 'lost'],
])('%s is a failure', (_what, body, message) => {
  const { status, output } = run(body);
  expect(output).toMatch(new RegExp(`^failed: .*${message}`, 'm'));
  expect(output).toMatch(/^Tests: \d passed, [12] failed, 0 skipped$/m);
  expect(status).toBe(1);
});

const needsTheMissing = `
  import { withParts } from ${JSON.stringify(parts)};
  withParts(['git'], () => test('one', () => {}));
`;

test('a missing part skips and names the way out', () => {
  const { status, output } = run(needsTheMissing, { PATH: folder, TOWPATH_REQUIRE_PARTS: '' });
  expect(output).toContain('skipped 1: needs git: install git');
  expect(status).toBe(0);
});

test('where every part is required, a missing one fails', () => {
  const { status, output } = run(needsTheMissing, { PATH: folder, TOWPATH_REQUIRE_PARTS: '1' });
  expect(output).toContain('needs git: install git');
  expect(output).toContain('Tests: 0 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

test('a part that is there lets the tests run', () => {
  const { output } = run(needsTheMissing);
  expect(output).toContain('Tests: 1 passed, 0 failed, 0 skipped');
});

function run(body: string, env: NodeJS.ProcessEnv = {}, ...args: string[]): { status: number | null; output: string } {
  writeFileSync(
    join(folder, 'a.test.ts'),
    `import { afterAll, beforeAll, expect, test } from 'vitest';\nvoid [afterAll, beforeAll, expect];\n${body}`,
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${join(import.meta.dirname, 'tally.ts')}`,
      ...args,
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...env } },
  );
  return { status, output: stdout + stderr };
}
