import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const module = new URL('./failpoint.ts', import.meta.url).href;
const script = `import { failpoint } from '${module}';
for (let pass = 1; pass <= 4; pass += 1) { console.log(pass); failpoint('after.write'); }`;

function run(chosen?: string) {
  const env = { PATH: process.env.PATH, ...(chosen === undefined ? {} : { TOWPATH_FAILPOINT: chosen }) };
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  return { signal: child.signal, status: child.status, passes: child.stdout.trim().split('\n').length };
}

it.each([
  ['unset', undefined, { signal: null, status: 0, passes: 4 }],
  ['another name', 'after.rename', { signal: null, status: 0, passes: 4 }],
  ['the name', 'after.write', { signal: 'SIGKILL', status: null, passes: 1 }],
  ['the name and a pass', 'after.write:3', { signal: 'SIGKILL', status: null, passes: 3 }],
  ['a pass that is never reached', 'after.write:9', { signal: null, status: 0, passes: 4 }],
])('%s', (_, chosen, expected) => {
  expect(run(chosen)).toEqual(expected);
});
