import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withParts } from '../../../scripts/parts.ts';
import { TestSupervisor } from './testing/supervisor.ts';

let supervisor: TestSupervisor;
beforeAll(async () => {
  supervisor = await TestSupervisor.start();
});
afterAll(() => supervisor.end());

describe('a task', () => {
  it('runs once for its key, however often it is started', async () => {
    const spec = supervisor.task('echo ran >> once; echo out; echo err >&2; exit 3');
    const states = await Promise.all(Array.from({ length: 10 }, () => supervisor.client.start('run/1:once', 1, spec)));
    expect(new Set(states.map((state) => state.key))).toEqual(new Set(['run/1:once']));
    const state = await supervisor.client.wait('run/1:once');
    expect(state).toMatchObject({
      phase: 'exited',
      exit: { code: 3, signal: null },
      reason: 'exited with code 3',
      pid: null,
      restarts: 0,
    });
    expect(await supervisor.client.start('run/1:once', 1, spec)).toMatchObject({ phase: 'exited', exit: { code: 3 } });
    expect(supervisor.lines('once')).toEqual(['ran']);
    expect((await supervisor.output('run/1:once')).toString()).toBe('out\nerr\n');
  });

  it('refuses another command under a used key', async () => {
    await supervisor.run('used', supervisor.task('true'));
    await expect(supervisor.client.start('used', 1, supervisor.task('false'))).rejects.toMatchObject({
      code: 'spec_differs',
    });
    const otherVariable = supervisor.task('true', { env: { PATH: '/bin', NEWER: '1' } });
    expect(await supervisor.client.start('used', 1, otherVariable)).toMatchObject({ phase: 'exited' });
  });

  it.each([
    ['a good end', 'true', { code: 0, signal: null }, null],
    ['a signal', 'kill -9 $$', { code: null, signal: 'SIGKILL' }, 'ended by SIGKILL'],
    [
      'its whole group signalled by itself',
      'trap "" TERM; kill 0; exit 5',
      { code: 5, signal: null },
      'exited with code 5',
    ],
  ])('tells %s', async (name, script, exit, reason) => {
    expect(await supervisor.run(name, supervisor.task(script))).toMatchObject({ phase: 'exited', exit, reason });
  });

  it('says in the log why a command or a folder cannot be used', async () => {
    const missing = supervisor.task('', { argv: ['no-such-command', 'x'] });
    expect(await supervisor.run('missing', missing)).toMatchObject({ exit: { code: 127 } });
    expect((await supervisor.output('missing')).toString()).toBe('towpath: no-such-command: command not found\n');
    expect(await supervisor.run('nowhere', supervisor.task('true', { cwd: '/no/such' }))).toMatchObject({
      exit: { code: 126 },
    });
    expect((await supervisor.output('nowhere')).toString()).toBe('towpath: cannot enter the folder /no/such\n');
  });

  it('gets exactly its own environment, arguments, folder, mask and niceness', async () => {
    const env = { PATH: process.env.PATH ?? '', start: 'mine', stat: 'mine', nice: 'mine', ODD: 'a\n"$HOME" \'b\'' };
    const script = `const {PWD, OLDPWD, SHLVL, _, ...env} = process.env;
      console.log(JSON.stringify({env, argv: process.argv.slice(1), cwd: process.cwd(), mask: process.umask(), nice: os.getPriority()}))`;
    const argv = [process.execPath, '-e', script, 'a b', '', '*', '$(x)'];
    await supervisor.run('exact', supervisor.task('', { argv, env, nice: 7 }));
    const { TOWPATH_PROCESS, ...own } = JSON.parse((await supervisor.output('exact')).toString()).env;
    expect(own).toEqual(env);
    expect(TOWPATH_PROCESS).toMatch(/:exact$/);
    expect(JSON.parse((await supervisor.output('exact')).toString())).toMatchObject({
      argv: ['a b', '', '*', '$(x)'],
      cwd: supervisor.root,
      mask: 0o022,
      nice: 7,
    });
  });

  it('is listed by its owner, or by a prefix of owners', async () => {
    for (const owner of ['run/7', 'run/71', 'target/7'])
      await supervisor.run(`of ${owner}`, supervisor.task('true', { owner }));
    const keys = async (owner: string) => (await supervisor.client.list(owner)).map(({ key }) => key);
    expect(await keys('run/7')).toEqual(['of run/7']);
    expect(await keys('target/')).toEqual(['of target/7']);
    expect(await keys('run/')).toEqual(expect.arrayContaining(['of run/7', 'of run/71']));
    expect(await keys('run')).toEqual([]);
  });

  it('is ended after its time, and says so', async () => {
    const spec = supervisor.task('sleep 600', { timeoutMs: 300 });
    expect(await supervisor.run('slow', spec)).toMatchObject({
      phase: 'exited',
      exit: { code: null, signal: 'SIGTERM' },
      reason: 'ran longer than 300 ms',
    });
  });

  it('keeps its secrets to the owner of the data folder', async () => {
    await supervisor.run('secret', supervisor.task('true', { env: { PATH: '/bin', TOKEN: 'hush' } }));
    const root = join(supervisor.dataDir, 'processes');
    const name = readdirSync(root).find((folder) => folder.startsWith('secret-')) ?? '';
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, name)).mode & 0o777).toBe(0o700);
    for (const file of ['spec.json', 'out', 'end.json', '1/taken', '1/exit']) {
      expect([file, statSync(join(root, name, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(statSync(supervisor.socket).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(root, name, 'spec.json'), 'utf8')).toContain('hush');
  });

  withParts(['root'], () => {
    it('runs under another account, which sees neither the data folder nor its own secrets there', async () => {
      const user = { uid: 65534, gid: 65534 };
      const script = `id -u; id -g; id -G; cat ${supervisor.dataDir}/home && echo seen; cat /proc/$PPID/cwd/../spec.json && echo seen; touch /proc/$PPID/cwd/x && echo own`;
      const state = await supervisor.run('nobody', supervisor.task(`(${script}) 2>/dev/null`, { user, cwd: '/' }));
      expect((await supervisor.output('nobody')).toString()).toBe('65534\n65534\n65534\nown\n');
      expect(state.exit).toEqual({ code: 0, signal: null });
    });

    it('can open its own output by name under another account', async () => {
      const user = { uid: 65534, gid: 65534 };
      const state = await supervisor.run(
        'reopens as nobody',
        supervisor.task('echo 1; echo 2 >/dev/stderr; echo 3', { user, cwd: '/' }),
      );
      expect((await supervisor.output('reopens as nobody')).toString()).toBe('1\n2\n3\n');
      expect(state.exit).toEqual({ code: 0, signal: null });
    });
  });
});

describe('keys and output', () => {
  it.each([
    'run/219:unit/staging:1',
    '..',
    '.',
    '%2F',
    'a?b=c#d',
    'Grüße 🚣',
    'x'.repeat(500),
    'quote\'"$(touch pwned)\n',
    '-e',
  ])('takes the key %j', async (key) => {
    expect(await supervisor.run(key, supervisor.task('printf %s "$TOWPATH_PROCESS"'))).toMatchObject({
      key,
      exit: { code: 0 },
    });
    expect((await supervisor.output(key)).toString().slice(13)).toBe(key);
    expect((await supervisor.client.list('run/1')).map((state) => state.key)).toContain(key);
    await supervisor.client.forget(key, 1);
    await expect(supervisor.client.get(key)).rejects.toMatchObject({ code: 'unknown_process' });
  });

  it('keeps every byte of binary output', async () => {
    const script =
      'process.stdout.write(Buffer.from(Array.from({length: 1 << 20}, (_, i) => (i * 31 + (i >> 8)) & 255)))';
    await supervisor.run('binary', supervisor.task('', { argv: [process.execPath, '-e', script] }));
    const expected = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 8)) & 255));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(await supervisor.output('binary'))).toBe(hash(expected));
    expect(hash(await supervisor.output('binary', 1_000_000))).toBe(hash(expected.subarray(1_000_000)));
    expect(await supervisor.output('binary', 5_000_000)).toHaveLength(0);
  });

  it('keeps all of it, whatever a script does to its own output', async () => {
    const script = 'echo 1; echo 2 >/dev/stderr; echo 3 >/dev/stdout; echo 4 >/dev/stderr; echo 5; : >/proc/self/fd/1';
    await supervisor.run('reopens', supervisor.task(script));
    expect((await supervisor.output('reopens')).toString()).toBe('1\n2\n3\n4\n5\n');
  });

  it('follows 200,000 lines to the last one', async () => {
    const script = 'for (let i = 0; i < 200000; i += 1) process.stdout.write("line " + i + "\\n")';
    await supervisor.client.start('lines', 1, supervisor.task('', { argv: [process.execPath, '-e', script] }));
    const [one, two] = await Promise.all([supervisor.output('lines'), supervisor.output('lines')]);
    const expected = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');
    expect(one.toString() === expected).toBe(true);
    expect(two.equals(one)).toBe(true);
    expect((await supervisor.client.get('lines')).logBytes).toBe(expected.length);
  });

  it('shows a line soon after it was printed, and ends when the reader does', async () => {
    await supervisor.client.start('slowly', 1, supervisor.task('echo first; exec sleep 600'));
    const reader = supervisor.client.logs('slowly', 0, { follow: true });
    expect((await reader.next()).value?.toString()).toContain('first\n');
    await reader.return(undefined);
    await supervisor.client.stop('slowly', 1, 0);
    await supervisor.client.wait('slowly');
  });
});
