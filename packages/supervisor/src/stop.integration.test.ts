import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, lives, TestSupervisor } from './testing/supervisor.ts';

let supervisor: TestSupervisor;
beforeAll(async () => {
  supervisor = await TestSupervisor.start();
});
afterAll(() => supervisor.end());

/** Waits until the script has noted so many pids in the file. */
const pidsIn = (name: string, count: number) =>
  eventually(() => supervisor.lines(name).length >= count && supervisor.lines(name).map(Number));

it('ends a whole group that ignores SIGTERM, within its grace and a second', async () => {
  const deaf = "trap '' TERM INT HUP; echo $$ >> deaf; while :; do sleep 1; done";
  const script = `trap '' TERM; echo $$ >> deaf; for i in 1 2; do sh -c "trap '' TERM; (${deaf}) & wait" & done; wait`;
  await supervisor.client.start('deaf', 1, supervisor.task(script));
  const pids = await pidsIn('deaf', 3);
  const asked = Date.now();
  expect(await supervisor.client.stop('deaf', 1, 400)).toMatchObject({ phase: 'stopping' });
  const state = await supervisor.client.wait('deaf');
  const took = Date.now() - asked;
  expect(state).toMatchObject({ phase: 'stopped', exit: { code: null, signal: 'SIGKILL' } });
  expect(pids.filter(lives)).toEqual([]);
  expect(took).toBeGreaterThanOrEqual(400);
  // A second is the promise; a busy machine gets three.
  expect(took).toBeLessThan(400 + 3_000);
});

it('lets a command tidy up and keeps its exit code', async () => {
  const script = "trap 'echo tidied; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  await supervisor.client.start('tidy', 1, supervisor.task(script));
  await eventually(async () => (await supervisor.client.get('tidy')).logBytes > 0);
  await supervisor.client.stop('tidy', 1);
  expect(await supervisor.client.wait('tidy')).toMatchObject({ phase: 'stopped', exit: { code: 9, signal: null } });
  expect((await supervisor.output('tidy')).toString()).toContain('tidied\n');
});

it('sends the signal that the spec asks for', async () => {
  const script = "trap 'exit 4' INT; trap '' TERM; echo ready; while :; do sleep 0.05; done";
  await supervisor.client.start('int', 1, supervisor.task(script, { stopSignal: 'SIGINT' }));
  await eventually(async () => (await supervisor.client.get('int')).logBytes > 0);
  await supervisor.client.stop('int', 1);
  expect(await supervisor.client.wait('int')).toMatchObject({ phase: 'stopped', exit: { code: 4, signal: null } });
});

const detached = `setsid sh -c 'echo $$ >> FILE; nohup setsid sleep 600 & echo $! >> FILE; exec sleep 600' >/dev/null 2>&1 &`;

it('finds and ends what has detached itself', async () => {
  await supervisor.client.start(
    'detached',
    1,
    supervisor.task(`${detached.replaceAll('FILE', 'detached')} wait; sleep 600`),
  );
  const pids = await pidsIn('detached', 2);
  expect(pids.every(lives)).toBe(true);
  await supervisor.client.stop('detached', 1, 2_000);
  expect(await supervisor.client.wait('detached')).toMatchObject({ phase: 'stopped' });
  expect(pids.filter(lives)).toEqual([]);
});

it('finds by its log what has detached itself and cleared its environment, and asks it after the group', async () => {
  const daemon = `trap 'echo daemon ended; exit' TERM; echo $$ >> cleared; while :; do sleep 0.05; done`;
  const script = `trap 'sleep 0.3; echo group ended; exit' TERM; setsid env -i "PATH=$PATH" sh -c "$DAEMON" & while :; do sleep 0.05; done`;
  const env = { PATH: process.env.PATH ?? '', DAEMON: daemon };
  await supervisor.client.start('cleared', 1, supervisor.task(script, { env }));
  const pids = await pidsIn('cleared', 1);
  await supervisor.client.stop('cleared', 1);
  expect(await supervisor.client.wait('cleared')).toMatchObject({ phase: 'stopped' });
  expect(pids.filter(lives)).toEqual([]);
  const said = (await supervisor.output('cleared')).toString().match(/^\w+ ended$/gm);
  expect(said).toEqual(['group ended', 'daemon ended']);
});

it('leaves nothing of an ended task behind', async () => {
  const script = `sleep 600 & echo $! >> left; ${detached.replaceAll('FILE', 'left')} while [ "$(wc -l < left)" -lt 3 ]; do sleep 0.02; done; exit 6`;
  const state = await supervisor.run('leaves', supervisor.task(script));
  expect(state).toMatchObject({ phase: 'exited', exit: { code: 6 }, reason: 'exited with code 6' });
  const pids = supervisor.lines('left').map(Number);
  expect(pids).toHaveLength(3);
  expect(pids.filter(lives)).toEqual([]);
});

it('ends what an ended task left printing, cleared of its environment, and keeps what that said till then', async () => {
  const daemon = `trap '' HUP; echo $$ >> printing; while :; do echo still here; sleep 0.02; done`;
  const script = `setsid env -i "PATH=$PATH" sh -c "$DAEMON" & while [ ! -s printing ]; do sleep 0.02; done; exit 7`;
  const env = { PATH: process.env.PATH ?? '', DAEMON: daemon };
  const state = await supervisor.run('printing', supervisor.task(script, { env }));
  expect(state).toMatchObject({ phase: 'exited', exit: { code: 7 }, reason: 'exited with code 7' });
  expect(supervisor.lines('printing').map(Number).filter(lives)).toEqual([]);
  expect((await supervisor.output('printing')).toString()).toMatch(/^(still here\n)+$/);
});

it('is not kept waiting by a stranger who holds its output', async () => {
  const script = 'echo $$ > holder; echo said; while [ ! -e held ]; do sleep 0.02; done';
  await supervisor.client.start('held', 1, supervisor.task(script, { graceMs: 100 }));
  const [pid] = await pidsIn('holder', 1);
  // It neither prints there nor carries the marker.
  const stranger = spawn('/bin/sh', [
    '-c',
    `exec 9>/proc/${pid}/fd/1; echo > ${supervisor.path('held')}; exec sleep 600`,
  ]);
  try {
    expect(await supervisor.client.wait('held')).toMatchObject({ phase: 'exited', exit: { code: 0 } });
    expect((await supervisor.output('held')).toString()).toBe('said\n');
    expect(stranger.exitCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('ends nobody else: another installation with the same key, a stranger', async () => {
  const other = await TestSupervisor.start();
  const stranger = spawn('sleep', ['600'], { env: { ...process.env, TOWPATH_PROCESS: 'same' } });
  try {
    await other.client.start('same', 1, other.task('exec sleep 600'));
    await supervisor.client.start('same', 1, supervisor.task('exec sleep 600'));
    await supervisor.client.stop('same', 1);
    await supervisor.client.wait('same');
    expect(await other.client.get('same')).toMatchObject({ phase: 'running' });
    expect(stranger.pid !== undefined && lives(stranger.pid)).toBe(true);
  } finally {
    stranger.kill('SIGKILL');
    await other.end();
  }
});

it('shortens the grace when it is asked again', async () => {
  const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
  await supervisor.client.start('again', 1, supervisor.task(script));
  await eventually(async () => (await supervisor.client.get('again')).logBytes > 0);
  await supervisor.client.stop('again', 1, 600_000);
  await supervisor.client.stop('again', 1, 0);
  expect(await supervisor.client.wait('again')).toMatchObject({ phase: 'stopped', exit: { signal: 'SIGKILL' } });
});

it('answers for an ended process, refuses to forget a running one', async () => {
  await supervisor.client.start('run', 1, supervisor.task('exec sleep 600'));
  await expect(supervisor.client.forget('run', 1)).rejects.toMatchObject({ code: 'not_ended' });
  await supervisor.client.stop('run', 1);
  await supervisor.client.wait('run');
  expect(await supervisor.client.stop('run', 1)).toMatchObject({ phase: 'stopped' });
  await supervisor.client.forget('run', 1);
  await expect(supervisor.client.stop('run', 1)).rejects.toMatchObject({ code: 'unknown_process' });
});

it('refuses older epochs, also after a restart', async () => {
  const spec = supervisor.task('exec sleep 600', { owner: 'target/7' });
  await supervisor.client.start('guarded', 3, spec);
  await supervisor.client.fence('target/7', 5);
  await supervisor.kill();
  await supervisor.start();
  const stale = { code: 'stale_epoch' };
  await expect(supervisor.client.start('guarded', 4, spec)).rejects.toMatchObject(stale);
  await expect(supervisor.client.start('another', 4, spec)).rejects.toMatchObject(stale);
  await expect(supervisor.client.stop('guarded', 4)).rejects.toMatchObject(stale);
  await expect(supervisor.client.forget('guarded', 4)).rejects.toMatchObject(stale);
  await expect(supervisor.client.fence('target/7', 4)).rejects.toMatchObject(stale);
  expect(await supervisor.client.get('guarded')).toMatchObject({ phase: 'running' });
  await supervisor.client.stop('guarded', 5);
  await supervisor.client.wait('guarded');
  await expect(supervisor.client.forget('guarded', 3)).rejects.toMatchObject(stale);
  await supervisor.client.forget('guarded', 6);
  await expect(supervisor.client.fence('target/7', 5)).rejects.toMatchObject(stale);
});

it('says what is wrong with a request, and never repeats an environment', async () => {
  const bad = { code: 'bad_request' };
  const start = (more: object) => supervisor.client.start('bad', 1, { ...supervisor.task('true'), ...more });
  await expect(start({ cwd: 'relative' })).rejects.toMatchObject({
    ...bad,
    message: 'spec.cwd: must be an absolute path',
  });
  await expect(start({ env: { 'a-b': 'hush' } })).rejects.toThrow(/^(?!.*hush).*spec\.env\.a-b/);
  await expect(start({ argv: ['a\0b'] })).rejects.toMatchObject({ ...bad, message: expect.stringContaining('NUL') });
  await expect(start({ owner: 'system' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(supervisor.client.get('bad')).rejects.toMatchObject({ code: 'unknown_process' });
});
