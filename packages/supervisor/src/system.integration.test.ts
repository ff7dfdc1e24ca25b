import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SupervisorConfigInput } from './config.ts';
import { eventually, lives, TestSupervisor } from './testing/supervisor.ts';

let supervisor: TestSupervisor;
beforeEach(() => {
  supervisor = new TestSupervisor();
});
afterEach(() => supervisor.end());

type Entry = NonNullable<SupervisorConfigInput['system']>[number];

/** Notes its start and its end in one file. `ready` seconds after its start the file of its name is there. */
function noting(name: string, more: Partial<Entry> & { ready_?: string; version?: string } = {}): Entry {
  const { version = '', ready_ = '0', ...entry } = more;
  const script = `echo ${name}${version} says hello; echo "start ${name}${version}" >> notes; trap 'echo "stop ${name}${version}" >> notes; rm -f ${name}.ready; exit 0' TERM INT
    echo $$ > ${name}.pid; sleep ${ready_}; touch ${name}.ready; while :; do sleep 0.02; done`;
  const env = { PATH: process.env.PATH ?? '' };
  return {
    name,
    spec: { argv: ['/bin/sh', '-c', script], cwd: supervisor.root, env },
    ready: { file: supervisor.path(`${name}.ready`) },
    ...entry,
  };
}

const notes = (count: number) =>
  eventually(() => supervisor.lines('notes').length >= count && supervisor.lines('notes'));
const pidOf = (name: string) => Number(readFileSync(supervisor.path(`${name}.pid`), 'utf8'));
const system = () => [
  noting('postgres', { ready_: '0.3' }),
  noting('router', { after: ['postgres'] }),
  noting('server-1', { after: ['postgres', 'router'] }),
];

describe('system processes', () => {
  it('start in order, each when those before it are ready; are stopped in the opposite order; processes stay', async () => {
    supervisor.configure(system());
    await supervisor.start();
    expect(await notes(3)).toEqual(['start postgres', 'start router', 'start server-1']);
    await eventually(() => existsSync(supervisor.path('server-1.ready')));
    const { system: states } = await supervisor.client.health();
    expect(states.map(({ key, phase, owner }) => [key, phase, owner])).toEqual([
      ['system/postgres', 'running', 'system'],
      ['system/router', 'running', 'system'],
      ['system/server-1', 'running', 'system'],
    ]);
    await supervisor.client.start('web', 1, supervisor.service('echo $$ > web.pid; exec sleep 600'));
    await eventually(() => existsSync(supervisor.path('web.pid')) && pidOf('web') > 0);
    await supervisor.client.shutdown(false);
    await supervisor.died();
    expect((await notes(6)).slice(3)).toEqual(['stop server-1', 'stop router', 'stop postgres']);
    expect(lives(pidOf('web'))).toBe(true);
    await expect(supervisor.client.health()).rejects.toMatchObject({ code: 'supervisor_away' });

    await supervisor.start();
    expect((await notes(9)).slice(6)).toEqual(['start postgres', 'start router', 'start server-1']);
    expect(await supervisor.client.get('web')).toMatchObject({ phase: 'running', restarts: 0 });
    await eventually(() => existsSync(supervisor.path('server-1.ready')));
    await supervisor.client.shutdown(true);
    await supervisor.died();
    expect(lives(pidOf('web'))).toBe(false);
  });

  it('a system process that dies comes back; the others stay', async () => {
    supervisor.configure(system());
    await supervisor.start();
    await notes(3);
    const [postgres, server] = [
      pidOf('postgres'),
      await eventually(() => existsSync(supervisor.path('server-1.ready')) && pidOf('server-1')),
    ];
    process.kill(postgres, 'SIGKILL');
    expect((await notes(4)).slice(3)).toEqual(['start postgres']);
    expect(lives(server)).toBe(true);
    await eventually(async () => (await supervisor.client.health()).system[0]?.restarts === 1);
  });

  it('another supervisor adopts them as they are, and replaces what was changed, removed or added meanwhile', async () => {
    supervisor.configure(system());
    await supervisor.start();
    await notes(3);
    const router = await eventually(() => existsSync(supervisor.path('server-1.ready')) && pidOf('router'));
    await supervisor.kill();
    supervisor.configure([
      noting('router'),
      noting('server-1', { version: '@2', after: ['router'] }),
      noting('server-2', { after: ['server-1'] }),
    ]);
    await supervisor.start();
    const after = (await notes(7)).slice(3);
    expect(after.sort()).toEqual(['start server-1@2', 'start server-2', 'stop postgres', 'stop server-1']);
    expect(pidOf('router')).toBe(router);
    expect((await supervisor.client.list('system')).map(({ key }) => key).sort()).toEqual([
      'system/router',
      'system/server-1',
      'system/server-2',
    ]);
  });

  it('restart reads the file again and puts the new in place of the old', async () => {
    supervisor.configure(system());
    await supervisor.start();
    await notes(3);
    await eventually(() => existsSync(supervisor.path('server-1.ready')));
    supervisor.configure([
      ...system().slice(0, 2),
      noting('server-1', { version: '@2', after: ['postgres'] }),
      noting('server-2'),
    ]);
    expect(await supervisor.client.restartSystem('server-1')).toMatchObject({
      key: 'system/server-1',
      phase: 'running',
    });
    expect((await notes(5)).slice(3)).toEqual(['stop server-1', 'start server-1@2']);
    expect(await supervisor.client.restartSystem('server-2')).toMatchObject({
      key: 'system/server-2',
      phase: 'running',
    });
    await expect(supervisor.client.restartSystem('nobody')).rejects.toMatchObject({ code: 'unknown_process' });
    expect((await supervisor.output('system/server-1', 0, false)).toString()).toMatch(
      /server-1 says hello\n.*server-1@2 says hello\n/s,
    );
  });

  it('keeps the old one when the file is wrong, and says where', async () => {
    supervisor.configure(system());
    await supervisor.start();
    await notes(3);
    supervisor.configure([{ ...noting('postgres'), after: ['later'] }]);
    const error = {
      code: 'bad_request',
      message: expect.stringContaining('system.0.after.0: later does not come before postgres'),
    };
    await expect(supervisor.client.restartSystem('postgres')).rejects.toMatchObject(error);
    expect(supervisor.lines('notes')).toHaveLength(3);
    supervisor.configure(system());
  });

  it('are not for others to start, stop or forget', async () => {
    supervisor.configure(system());
    await supervisor.start();
    await notes(1);
    const forbidden = { code: 'forbidden' };
    await expect(supervisor.client.stop('system/postgres', 9)).rejects.toMatchObject(forbidden);
    await expect(supervisor.client.forget('system/postgres', 9)).rejects.toMatchObject(forbidden);
    await expect(supervisor.client.start('system/new', 9, supervisor.task('true'))).rejects.toMatchObject(forbidden);
  });
});

describe('one data folder', () => {
  it('is kept by one supervisor: a second one leaves', async () => {
    supervisor.configure([]);
    await supervisor.start();
    const { pid } = await supervisor.client.health();
    const second = await supervisor.startSecond();
    expect(second).toBe(75);
    expect((await supervisor.client.health()).pid).toBe(pid);
    expect(existsSync(join(supervisor.dataDir, 'lock.db'))).toBe(true);
  });
});
