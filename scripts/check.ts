/** Runs the static checks, or those named: `npm run check`, `npm run check -- lint types`. Goes on after a failure. */
import { spawnSync } from 'node:child_process';

const node = process.execPath;
const checks: Readonly<Record<string, readonly string[]>> = {
  types: [node, 'node_modules/typescript/bin/tsc', '-p', '.'],
  lint: [node, 'node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'],
  imports: [node, 'scripts/check-imports.ts'],
  length: [node, 'scripts/check-length.ts'],
  deadcode: [node, 'node_modules/knip/bin/knip.js', '--no-progress'],
  lockfile: [node, 'scripts/check-lockfile.ts'],
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in checks));
if (unknown !== undefined) {
  console.error(`there is no check '${unknown}'; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}

let failed = 0;
const wanted = Object.entries(checks).filter(([name]) => named.length === 0 || named.includes(name));
for (const [name, [program = node, ...args]] of wanted) {
  const began = performance.now();
  const { status, signal, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = status === 0;
  if (!ok) failed += 1;
  const how = ok ? 'ok' : `FAILED (${error?.message ?? signal ?? `exit code ${status}`})`;
  console.log(`${name}: ${how}, ${Math.round(performance.now() - began)} ms`);
}
console.log(`Checks: ${wanted.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
