import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ProcessSpec } from '@towpath/contract/supervisor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../testing/supervisor.ts';
import { Incarnation } from './incarnation.ts';
import { shimArgv } from './shim.ts';

const path = `${process.env.PATH}${delimiter}/bin`;
/** Every POSIX shell of this machine; `sh` is one of them. */
const shells = [['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program = '']) => spawnSync('/bin/sh', ['-c', `command -v ${program}`], { env: { PATH: path } }).status === 0,
);

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tps-'));
});
afterAll(() => rmSync(root, { recursive: true }));

let number = 0;
function beginAs(
  mode: ProcessSpec['mode'],
  shell: readonly string[],
  argv: string[],
  env: Record<string, string> = {},
  incarnation = fresh(),
) {
  const [program = '', ...options] = shell;
  const [, ...rest] = shimArgv({ mode, argv, cwd: root, nice: 0 });
  const child = spawn(program, [...options, ...rest], {
    cwd: incarnation.path,
    env: { PATH: path, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (bytes) => output.push(bytes));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code,
    signal,
    output: Buffer.concat(output).toString(),
  }));
  return { child, ended, incarnation };
}

function fresh(): Incarnation {
  number += 1;
  const incarnation = new Incarnation(root, number);
  mkdirSync(incarnation.path);
  return incarnation;
}

const modes = ['task', 'service'] as const;
const cases = shells.flatMap((shell) => modes.map((mode) => [mode, shell.join(' '), shell] as const));

describe.each(cases)('a %s under %s', (mode, _, shell) => {
  const begin = (argv: string[], env?: Record<string, string>, incarnation?: Incarnation) =>
    beginAs(mode, shell, argv, env, incarnation);

  it('notes pid and start, then the exit', async () => {
    const { child, ended, incarnation } = begin(['/bin/sh', '-c', 'echo out; echo err >&2; exit 42']);
    expect(await ended).toEqual({ code: 0, signal: null, output: 'out\nerr\n' });
    expect(incarnation.taken()).toMatchObject({ by: 'shim', leader: { pid: child.pid } });
    expect(incarnation.exit()).toEqual({ code: 42, signal: null });
  });

  it('is one of twenty that run: the folder is taken once', async () => {
    const incarnation = fresh();
    const all = Array.from({ length: 20 }, () => begin(['/bin/sh', '-c', 'echo ran'], {}, incarnation));
    const ends = await Promise.all(all.map(({ ended }) => ended));
    expect(ends.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(ends.filter(({ code, output }) => code === 75 && output === '')).toHaveLength(19);
    expect(ends.map(({ output }) => output).join('')).toBe('ran\n');
  });

  it('runs nothing when the supervisor has taken the folder', async () => {
    const incarnation = fresh();
    expect(incarnation.takeForNobody()).toBe(true);
    expect(await begin(['/bin/sh', '-c', 'echo ran'], {}, incarnation).ended).toMatchObject({
      code: 75,
      output: '',
    });
    expect(incarnation.takeForNobody()).toBe(true);
    expect(fresh().takeForNobody()).toBe(true);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGPIPE'] as const)(
    'outlives %s to its group and records the end of the command',
    async (signal) => {
      const { child, ended, incarnation } = begin(['/bin/sh', '-c', 'echo ready; exec sleep 600']);
      await once(child.stdout, 'data');
      process.kill(-(child.pid ?? Number.NaN), signal);
      expect(await ended).toMatchObject({ code: 0, signal: null });
      expect(incarnation.exit()).toEqual({ code: null, signal });
    },
  );

  it('goes on waiting when only it is signalled', async () => {
    const { child, ended, incarnation } = begin([
      '/bin/sh',
      '-c',
      'echo ready; while [ ! -e go ]; do sleep 0.02; done; exit 3',
    ]);
    await once(child.stdout, 'data');
    for (let i = 0; i < 5; i += 1) child.kill('SIGTERM');
    writeFileSync(join(root, 'go'), '');
    await ended;
    rmSync(join(root, 'go'));
    expect(incarnation.exit()).toEqual({ code: 3, signal: null });
  });

  it('hands on the signals of its command unchanged: no trap, nothing ignored', async () => {
    const script =
      'while read -r name value; do case $name in Sig[BI]??:) echo "$name $value";; esac; done < /proc/self/status';
    const { ended } = begin(['/bin/sh', '-c', script]);
    const { output } = await ended;
    expect(output).toMatch(/^SigBlk: 0+\nSigIgn: 0+\n$/);
  });

  it('writes its exit after the output, with the newline last', async () => {
    const { ended, incarnation } = begin(['/bin/sh', '-c', 'exit 200']);
    await ended;
    expect(readFileSync(incarnation.exitPath, 'utf8')).toBe('200\n');
  });

  it('cannot be led astray by its environment', async () => {
    const env = {
      IFS: '/0 ',
      CDPATH: '/tmp',
      _towpath_nice: '19',
      ENV: '/nonexistent',
      PS4: '$(touch pwned)',
      status: 'x',
    };
    const { ended, incarnation } = begin(['/bin/sh', '-c', 'echo "$status"'], env);
    expect((await ended).output).toBe('x\n');
    expect(incarnation.taken().by).toBe('shim');
    expect(await eventually(() => incarnation.exit())).toEqual({ code: 0, signal: null });
  });
});
