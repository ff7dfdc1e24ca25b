/**
 * Runs the static checks on the workspace at the current folder, all or those named, and goes on after a failure:
 * `npm run check`, `npm run check -- lint types`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const node = process.execPath;
const installed = (path: string): string => join(import.meta.dirname, '../node_modules', path);
const own = (path: string): string => join(import.meta.dirname, path);

const checks: Readonly<Record<string, readonly string[]>> = {
  types: [installed('typescript/bin/tsc'), '-p', '.'],
  // What runs in a browser knows other globals.
  browser: [installed('typescript/bin/tsc'), '-p', 'packages/dashboard'],
  lint: [installed('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--colors=off'],
  imports: [own('check-imports.ts')],
  length: [own('check-length.ts')],
  deadcode: [installed('knip/bin/knip.js'), '--no-progress'],
  lockfile: [own('check-lockfile.ts')],
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in checks));
if (unknown !== undefined) {
  console.error(`there is no check '${unknown}'; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}

let failed = 0;
const wanted = Object.entries(checks).filter(([name]) => named.length === 0 || named.includes(name));
for (const [name, argv] of wanted) {
  const began = performance.now();
  const { status, signal, error } = spawnSync(node, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = status === 0;
  if (!ok) failed += 1;
  const how = ok ? 'ok' : `FAILED (${error?.message ?? signal ?? `exit code ${status}`})`;
  console.log(`${name}: ${how}, ${Math.round(performance.now() - began)} ms`);
}
console.log(`Checks: ${wanted.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
