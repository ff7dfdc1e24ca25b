import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { start } from '../e2e/program.ts';
import { withParts } from '../scripts/parts.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-bench-test-'));
  // PostgreSQL runs under another account when root starts it.
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...words: readonly string[]) =>
  start(process.execPath, [main, ...words], { cwd: folder, env: { ...process.env, TMPDIR: folder } }).ended;

test('a bench that does not exist is refused with those that do', async () => {
  const { code, stderr } = await bench('--only', 'lunch');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^there is no bench 'lunch'; there are .*\bstage\b.*\bmemory\b/);
});

withParts(['git', 'proc'], () => {
  test('the memory of an idle installation is a row of the table and of the file; nothing else is left', {
    timeout: 180_000,
  }, async () => {
    const { code, stdout, stderr } = await bench('--json', 'rows.json', '--only', 'memory');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('left out') });
    const { rows } = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8'));
    expect(rows[0]).toEqual({
      name: 'memory',
      value: expect.any(Number),
      unit: 'MB',
      against: null,
      bar: 350,
      ok: expect.any(Boolean),
    });
    expect(rows[0].value).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(['rows.json']);
    expect(stdout).toMatch(/^memory +[\d.]+ {2}MB +350/m);
  });
});
