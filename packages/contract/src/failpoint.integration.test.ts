import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const module = new URL('./failpoint.ts', import.meta.url).href;
const script = `import { failpoint } from '${module}';
for (let pass = 1; pass <= 4; pass += 1) { console.log(pass); failpoint('after.write'); }`;
const argv = ['--input-type=module', '-e', script];

function run(more: Readonly<Record<string, string>> = {}) {
  const child = spawnSync(process.execPath, argv, { env: { PATH: process.env.PATH, ...more }, encoding: 'utf8' });
  return { signal: child.signal, status: child.status, passes: child.stdout.trim().split('\n').length };
}

const whole = { signal: null, status: 0, passes: 4 };

describe('chosen at the start', () => {
  it.each([
    ['none', {}, whole],
    ['another name', { TOWPATH_FAILPOINT: 'after.rename' }, whole],
    ['the name', { TOWPATH_FAILPOINT: 'after.write' }, { signal: 'SIGKILL', status: null, passes: 1 }],
    ['the name and a pass', { TOWPATH_FAILPOINT: 'after.write:3' }, { signal: 'SIGKILL', status: null, passes: 3 }],
    ['a pass that is never reached', { TOWPATH_FAILPOINT: 'after.write:9' }, whole],
  ])('%s', (_, env, expected) => {
    expect(run(env)).toEqual(expected);
  });
});

describe('ordered by a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'failpoints-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const order = (name: string, what: string) => writeFileSync(join(folder, name), what);

  it('kills the first that passes, and no other', () => {
    order('after.write', '');
    expect(run({ TOWPATH_FAILPOINTS: folder })).toEqual({ signal: 'SIGKILL', status: null, passes: 1 });
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^after\.write\.\d+$/)]);
    expect(run({ TOWPATH_FAILPOINTS: folder })).toEqual(whole);
  });

  it('is nothing to other places, and without the folder', () => {
    order('after.rename', '');
    expect(run({ TOWPATH_FAILPOINTS: folder })).toEqual(whole);
    order('after.write', '');
    expect(run()).toEqual(whole);
    expect(run({ TOWPATH_FAILPOINTS: join(folder, 'missing') })).toEqual(whole);
  });

  it('freezes one that is told to stop, in that very place', async () => {
    order('after.write', 'SIGSTOP');
    const child = spawn(process.execPath, argv, {
      env: { TOWPATH_FAILPOINTS: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await expect.poll(() => readdirSync(folder)).toEqual([`after.write.${child.pid}`]);
    expect(lines.length).toBeLessThanOrEqual(1);
    await expect.poll(() => readStatus(child.pid ?? 0)).toBe('T');
    child.kill('SIGCONT');
    expect(await ended).toEqual([0, null]);
    expect(lines).toEqual(['1', '2', '3', '4']);
  });
});

function readStatus(pid: number): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .slice(0, 1);
}
