import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failpoints } from './failpoints.ts';
import { parseStat } from './machine/procfs.ts';
import { eventually, lives, TestSupervisor } from './testing/supervisor.ts';

let supervisor: TestSupervisor;
beforeEach(() => {
  supervisor = new TestSupervisor();
  supervisor.configure([]);
});
afterEach(() => supervisor.end());

const away = { code: 'supervisor_away' };

/** Starts a task with a crash ordered on its way; then, as a server would, starts it again. */
async function taskOverCrash(failpoint: string) {
  const spec = supervisor.task('echo ran >> ran; for i in 1 2 3; do echo "line $i"; sleep 0.1; done; exit 7');
  await supervisor.start(failpoint);
  const first = supervisor.client.start('run/1:task', 1, spec).then(() => supervisor.client.wait('run/1:task'));
  await expect(first).rejects.toMatchObject(away);
  await supervisor.died();
  await supervisor.start();
  const state = await supervisor.run('run/1:task', spec);
  expect(supervisor.lines('ran')).toEqual(['ran']);
  expect(state).toMatchObject({ phase: 'exited', exit: { code: 7, signal: null }, reason: 'exited with code 7' });
  expect((await supervisor.output('run/1:task')).toString()).toBe('line 1\nline 2\nline 3\n');
}

/** A crash on the way to a stop. The intention was recorded: nobody has to ask again. */
async function stopOverCrash(failpoint: string, recorded = true) {
  const script = `trap '' TERM; echo $$ >> pids; sh -c "trap '' TERM; echo \\$\\$ >> pids; while :; do sleep 1; done"`;
  await supervisor.start(failpoint);
  await supervisor.client.start('deaf', 1, supervisor.task(script));
  const pids = await eventually(() => supervisor.lines('pids').length === 2 && supervisor.lines('pids').map(Number));
  const stopping = supervisor.client.stop('deaf', 1, 300).then(() => supervisor.client.wait('deaf'));
  await expect(stopping).rejects.toMatchObject(away);
  await supervisor.died();
  await supervisor.start();
  if (!recorded) {
    expect(await supervisor.client.get('deaf')).toMatchObject({ phase: 'running' });
    await supervisor.client.stop('deaf', 1, 300);
  }
  expect(await supervisor.client.wait('deaf')).toMatchObject({ phase: 'stopped', exit: { signal: 'SIGKILL' } });
  expect(pids.filter(lives)).toEqual([]);
}

/** A crash between two lives of a service: each life is one line and one restart. */
async function restartOverCrash(failpoint: string) {
  await supervisor.start(failpoint);
  const spec = supervisor.service('echo ran >> ran; [ "$(wc -l < ran)" -lt 3 ] || exec sleep 600');
  // The first life is short: the crash may come before the answer.
  await supervisor.client.start('web', 1, spec).catch((error) => expect(error).toMatchObject(away));
  await supervisor.died();
  await supervisor.start();
  await eventually(() => supervisor.lines('ran').length === 3);
  expect(await supervisor.client.get('web')).toMatchObject({ phase: 'running', restarts: 2 });
}

async function forgetOverCrash(failpoint: string) {
  await supervisor.start(failpoint);
  await supervisor.run('gone', supervisor.task('true'));
  await expect(supervisor.client.forget('gone', 1)).rejects.toMatchObject(away);
  await supervisor.died();
  await supervisor.start();
  await supervisor.client.forget('gone', 1).catch((error) => expect(error).toMatchObject({ code: 'unknown_process' }));
  expect(readdirSync(join(supervisor.dataDir, 'processes'))).toEqual([]);
}

const postgres = (version: string) => [
  {
    name: 'postgres',
    spec: { argv: ['/bin/sh', '-c', `echo ${version} >> versions; exec sleep 600`], cwd: supervisor.root, env: {} },
  },
];

async function replaceOverCrash(failpoint: string) {
  supervisor.configure(postgres('one'));
  await supervisor.start(failpoint);
  await eventually(() => supervisor.lines('versions').length === 1);
  supervisor.configure(postgres('two'));
  await expect(supervisor.client.restartSystem('postgres')).rejects.toMatchObject(away);
  await supervisor.died();
  await supervisor.start();
  await eventually(() => supervisor.lines('versions').at(-1) === 'two');
  expect(supervisor.lines('versions')).toEqual(['one', 'two']);
}

async function shutdownOverCrash(failpoint: string) {
  supervisor.configure(postgres('one'));
  await supervisor.start(failpoint);
  await supervisor.client.start('web', 1, supervisor.service('echo $$ >> web; exec sleep 600'));
  const web = await eventually(() => Number(supervisor.lines('web')[0]));
  await supervisor.client.shutdown(true).catch((error) => expect(error).toMatchObject(away));
  await supervisor.died();
  // Nobody asks again: it goes on with it, and leaves.
  await supervisor.start();
  await supervisor.died();
  expect(lives(web)).toBe(false);
  await supervisor.start();
  await eventually(async () => (await supervisor.client.health()).system[0]?.phase === 'running');
}

const stories: Record<(typeof failpoints)[number], (failpoint: string) => Promise<void>> = {
  'supervisor.epoch.before': taskOverCrash,
  'supervisor.epoch.after': taskOverCrash,
  'supervisor.accept.before': taskOverCrash,
  'supervisor.accept.after': taskOverCrash,
  'supervisor.spawn.after': taskOverCrash,
  'supervisor.gone.before': taskOverCrash,
  'supervisor.end.before': taskOverCrash,
  'supervisor.end.after': taskOverCrash,
  'supervisor.incarnation.before': restartOverCrash,
  'supervisor.incarnation.after': restartOverCrash,
  'supervisor.stop.before': (failpoint) => stopOverCrash(failpoint, false),
  'supervisor.stop.after': stopOverCrash,
  'supervisor.signal.after': stopOverCrash,
  'supervisor.forget.before': forgetOverCrash,
  'supervisor.forget.after': forgetOverCrash,
  'supervisor.replace.before': replaceOverCrash,
  'supervisor.replace.after': replaceOverCrash,
  'supervisor.shutdown.before': shutdownOverCrash,
  'supervisor.shutdown.after': shutdownOverCrash,
};

describe('SIGKILL of the supervisor at', () => {
  it.each(failpoints)('%s', async (failpoint) => {
    await stories[failpoint](failpoint);
  });
});

describe('SIGKILL of the supervisor at any moment', () => {
  it('ten tasks, killed again and again while they are started: each runs once, each log is whole', async () => {
    await supervisor.start();
    const script = (name: string) => `echo ${name} >> ran; for i in 1 2 3 4; do echo "${name} $i"; sleep 0.1; done`;
    const keys = Array.from({ length: 10 }, (_, index) => `task-${index}`);
    const startInSpite = async (key: string) => {
      await eventually(() =>
        supervisor.client.start(key, 1, supervisor.task(script(key))).then(
          () => true,
          () => false,
        ),
      );
      return eventually(() => supervisor.client.wait(key).catch(() => null));
    };
    const ended = Promise.all(keys.map(startInSpite));
    for (let round = 0; round < 6; round += 1) {
      await supervisor.kill();
      await supervisor.start();
    }
    for (const state of await ended) expect(state).toMatchObject({ phase: 'exited', exit: { code: 0, signal: null } });
    expect(supervisor.lines('ran').sort()).toEqual(keys);
    for (const key of keys) {
      expect((await supervisor.output(key)).toString()).toBe([1, 2, 3, 4].map((i) => `${key} ${i}\n`).join(''));
    }
  });

  it('adopts what lives; what ended meanwhile is known by its exit', async () => {
    await supervisor.start();
    await supervisor.client.start(
      'long',
      1,
      supervisor.task('while [ ! -e go ]; do echo tick; sleep 0.05; done; exit 5'),
    );
    await supervisor.client.start(
      'short',
      1,
      supervisor.task('while [ ! -e go-short ]; do sleep 0.05; done; echo late; exit 6'),
    );
    const { pid } = await supervisor.client.get('long');
    await supervisor.kill();
    writeFileSync(supervisor.path('go-short'), '');
    const short = join(supervisor.dataDir, 'processes', findFolder('short'), '1', 'exit');
    await eventually(() => readIfThere(short)?.endsWith('\n'));
    await supervisor.start();
    expect(await supervisor.client.get('long')).toMatchObject({ phase: 'running', pid });
    expect(await supervisor.client.wait('short')).toMatchObject({ phase: 'exited', exit: { code: 6 } });
    expect((await supervisor.output('short')).toString()).toBe('late\n');
    writeFileSync(supervisor.path('go'), '');
    expect(await supervisor.client.wait('long')).toMatchObject({ phase: 'exited', exit: { code: 5 } });
    expect((await supervisor.output('long')).toString()).toMatch(/^(tick\n)+$/);
  });

  it.each([
    ['a child of this supervisor', false],
    ['adopted', true],
  ])('%s: a shim killed with its command: exited, with the reason in words', async (_, adopted) => {
    await supervisor.start();
    await supervisor.client.start('killed', 1, supervisor.task('echo $$ >> pids; exec sleep 600'));
    await eventually(() => supervisor.lines('pids').length === 1);
    if (adopted) {
      await supervisor.kill();
      await supervisor.start();
    }
    const { pid } = await supervisor.client.get('killed');
    process.kill(-(pid ?? Number.NaN), 'SIGKILL');
    const state = await supervisor.client.wait('killed');
    expect(state).toMatchObject({ phase: 'exited', exit: null });
    expect(state.reason).toMatch(
      /^its exit is not known: its shim (was killed|ended with SIGKILL) before it could record/,
    );
  });

  it('a shim killed alone: the command does not go on unwatched', async () => {
    await supervisor.start();
    await supervisor.client.start('orphan', 1, supervisor.task('echo $$ >> pids; exec sleep 600'));
    const command = await eventually(() => Number(supervisor.lines('pids')[0]));
    const { pid } = await supervisor.client.get('orphan');
    process.kill(pid ?? Number.NaN, 'SIGKILL');
    const exit = { code: null, signal: 'SIGTERM' };
    expect(await supervisor.client.wait('orphan')).toMatchObject({ phase: 'exited', exit });
    expect(lives(command)).toBe(false);
  });

  it.each([
    ['another start time', (noted: string, pid: number) => noted.replace(/^(\S+) \d+/, `$1 ${pid}`)],
    [
      'the right start time, but not the marker',
      (noted: string, pid: number) =>
        `${noted.split(' ')[0]} ${pid}\n${parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.start}\n`,
    ],
  ])('takes no stranger with the noted pid for its own: %s', async (_, forge) => {
    await supervisor.start();
    await supervisor.client.start('reused', 1, supervisor.task('exec sleep 600'));
    const { pid } = await supervisor.client.get('reused');
    const taken = join(supervisor.dataDir, 'processes', findFolder('reused'), '1', 'taken');
    await eventually(() => readIfThere(taken)?.endsWith('\n'));
    await supervisor.kill();
    process.kill(-(pid ?? Number.NaN), 'SIGKILL');
    const stranger = spawn('sleep', ['600'], { detached: true });
    try {
      writeFileSync(taken, forge(readFileSync(taken, 'utf8'), stranger.pid ?? 0));
      await supervisor.start();
      expect(await supervisor.client.wait('reused')).toMatchObject({ phase: 'exited', exit: null });
      expect(lives(stranger.pid ?? 0)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('after a restart of the machine nothing is adopted, and the reason says so', async () => {
    await supervisor.start();
    await supervisor.client.start('rebooted', 1, supervisor.task('exec sleep 600'));
    const taken = join(supervisor.dataDir, 'processes', findFolder('rebooted'), '1', 'taken');
    await eventually(() => readIfThere(taken)?.endsWith('\n'));
    const { pid } = await supervisor.client.get('rebooted');
    await supervisor.kill();
    process.kill(-(pid ?? Number.NaN), 'SIGKILL');
    writeFileSync(taken, readFileSync(taken, 'utf8').replace(/^\S+/, '00000000-0000-0000-0000-000000000000'));
    await supervisor.start();
    const state = await supervisor.client.wait('rebooted');
    expect(state).toMatchObject({
      exit: null,
      reason: 'its exit is not known: the machine was restarted while it ran',
    });
  });

  it('a spec cut by a power failure is set aside and stops nothing', async () => {
    await supervisor.start();
    await supervisor.run('cut', supervisor.task('true'));
    await supervisor.run('whole', supervisor.task('true'));
    await supervisor.kill();
    writeFileSync(join(supervisor.dataDir, 'processes', findFolder('cut'), 'spec.json'), '');
    await supervisor.start();
    expect((await supervisor.client.list()).map(({ key }) => key)).toEqual(['whole']);
    expect(readdirSync(join(supervisor.dataDir, 'set-aside'))).toHaveLength(1);
  });
});

function findFolder(key: string): string {
  const root = join(supervisor.dataDir, 'processes');
  return readdirSync(root).find((name) => name.startsWith(`${key}-`)) ?? 'missing';
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
