import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, lives, TestSupervisor } from './testing/supervisor.ts';

let supervisor: TestSupervisor;
beforeAll(async () => {
  supervisor = await TestSupervisor.start();
});
afterAll(() => supervisor.end());

/** A TCP server in a process of its own; says READY when it listens. */
const listener = (port: number | string, options = '{}') =>
  `net.createServer((s) => s.on('data', (d) => s.write(d))).listen({port: ${port}, host: '127.0.0.1', ...${options}}, () => console.log('READY'))`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a service', () => {
  it('is started again, each time after a longer delay, in one continuous log', async () => {
    await supervisor.client.start(
      'flaky',
      1,
      supervisor.service('echo "$(date +%s%N)" >> flaky; echo "life $(wc -l < flaky)"; exit 1'),
    );
    await eventually(() => supervisor.lines('flaky').length >= 4);
    const state = await supervisor.client.get('flaky');
    expect(state.restarts).toBeGreaterThanOrEqual(3);
    await supervisor.client.stop('flaky', 1);
    expect(await supervisor.client.wait('flaky')).toMatchObject({ phase: 'stopped', exit: { code: 1, signal: null } });
    const times = supervisor.lines('flaky').map((line) => Number(line) / 1e6);
    const gaps = times.slice(1, 4).map((time, index) => time - (times[index] ?? 0));
    for (const [index, least] of [200, 400, 800].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least);
    expect((await supervisor.output('flaky')).toString()).toMatch(/^life 1\nlife 2\nlife 3\nlife 4\n/);
  });

  it('says while it waits why, and until when', async () => {
    await supervisor.client.start('waits', 1, supervisor.service('exit 3'));
    const state = await eventually(async () => {
      const now = await supervisor.client.get('waits');
      return now.phase === 'backoff' && now;
    });
    expect(state).toMatchObject({ pid: null, exit: { code: 3, signal: null }, reason: 'exited with code 3' });
    expect(Date.parse(state.nextStartAt ?? '')).toBeGreaterThan(Date.parse(state.startedAt ?? ''));
    await supervisor.client.stop('waits', 1);
    expect(await supervisor.client.wait('waits')).toMatchObject({
      phase: 'stopped',
      exit: { code: 3 },
      nextStartAt: null,
    });
  });

  it.each(['its command', 'its whole group', 'its shim', 'the supervisor, then its group'])(
    'comes back when SIGKILL hits %s',
    async (who) => {
      const key = `victim of ${who}`;
      const file = who.replace(/\W/g, '-');
      await supervisor.client.start(key, 1, supervisor.service(`echo $$ >> ${file}; exec sleep 600`));
      const command = await eventually(() => Number(supervisor.lines(file)[0]));
      const shim = (await supervisor.client.get(key)).pid ?? Number.NaN;
      if (who.startsWith('the supervisor')) {
        await supervisor.kill();
        await supervisor.start();
      }
      process.kill(who === 'its command' ? command : who === 'its shim' ? shim : -shim, 'SIGKILL');
      await eventually(() => supervisor.lines(file).length === 2);
      expect(lives(command)).toBe(false);
      expect(await supervisor.client.get(key)).toMatchObject({ phase: 'running', restarts: 1 });
      await supervisor.client.stop(key, 1);
      await supervisor.client.wait(key);
    },
  );

  it('outlives the supervisor and is adopted, running as before', async () => {
    await supervisor.client.start('web', 1, supervisor.service('echo $$ >> web; exec sleep 600'));
    await eventually(() => supervisor.lines('web').length === 1);
    const before = await supervisor.client.get('web');
    await supervisor.kill();
    await supervisor.start();
    expect(await supervisor.client.get('web')).toMatchObject({ phase: 'running', pid: before.pid, restarts: 0 });
    expect(supervisor.lines('web')).toHaveLength(1);
  });
});

describe('ports', () => {
  it('a port in use: waits, and names who listens; starts when it is free', async () => {
    const port = await freePort();
    const squatter = spawn(process.execPath, ['-e', listener(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(squatter.stdout, 'data');
    const spec = supervisor.service('', { argv: [process.execPath, '-e', listener(port)], port });
    await supervisor.client.start('squatted', 1, spec);
    const state = await supervisor.client.get('squatted');
    expect(state).toMatchObject({ phase: 'backoff', restarts: 0, port, listens: [] });
    expect(state.reason).toBe(`port ${port} is in use by pid ${squatter.pid} (${process.execPath})`);
    squatter.kill('SIGKILL');
    await eventually(async () => (await supervisor.client.get('squatted')).listens.includes(port));
    expect(await supervisor.client.get('squatted')).toMatchObject({ phase: 'running', reason: null, listens: [port] });
  });

  it('gives one port to one process at a time', async () => {
    const port = await freePort();
    const spec = supervisor.service('exec sleep 600', { port });
    const keys = ['port-a', 'port-b', 'port-c'];
    const results = await Promise.allSettled(keys.map((key) => supervisor.client.start(key, 1, spec)));
    const winner = keys[results.findIndex(({ status }) => status === 'fulfilled')] ?? '';
    const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    const refused = { code: 'port_taken', message: expect.stringContaining(`port ${port} is that of ${winner}`) };
    expect(refusals).toEqual([expect.objectContaining(refused), expect.objectContaining(refused)]);
    expect(await supervisor.client.start(winner, 1, spec)).toMatchObject({ phase: 'running', port });
    await supervisor.client.stop(winner, 1, 0);
    await supervisor.client.wait(winner);
    expect(await supervisor.client.start('port-d', 1, spec)).toMatchObject({ phase: 'running', port });
  });

  it('says which port a service took instead of its own', async () => {
    const [port, fixed] = [await freePort(), await freePort()];
    await supervisor.client.start(
      'fixed',
      1,
      supervisor.service('', { argv: [process.execPath, '-e', listener(fixed)], port }),
    );
    await eventually(async () => (await supervisor.client.get('fixed')).listens.length > 0);
    expect(await supervisor.client.get('fixed')).toMatchObject({ port, listens: [fixed] });
  });
});

describe('the owner check', () => {
  /** An established connection that was answered, as the router's are. */
  async function connection(port: number) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('ping');
    await once(socket, 'data');
    return { localPort: socket.localPort ?? 0, close: () => socket.destroy() };
  }

  it('knows the process that answers on a connection from one that does not', async () => {
    const [port, otherPort] = [await freePort(), await freePort()];
    const serve = (at: number) => supervisor.service('', { argv: [process.execPath, '-e', listener(at)] });
    await supervisor.client.start('mine', 1, serve(port));
    await supervisor.client.start('other', 1, serve(otherPort));
    await eventually(async () => (await supervisor.client.get('mine')).listens.length > 0);
    await eventually(async () => (await supervisor.client.get('other')).listens.length > 0);
    const { localPort, close } = await connection(port);
    const { client } = supervisor;
    const yes = { belongs: true, other: null, certain: true };
    expect(await client.ownerCheck({ key: 'mine', port, localPort })).toEqual(yes);
    expect(await client.ownerCheck({ key: 'mine', port })).toEqual(yes);
    const no = { belongs: false, certain: true, other: { command: process.execPath, key: 'mine' } };
    expect(await client.ownerCheck({ key: 'other', port, localPort })).toMatchObject(no);
    expect(await client.ownerCheck({ key: 'other', port })).toMatchObject(no);
    expect(await client.ownerCheck({ key: 'mine', port: await freePort() })).toMatchObject({
      belongs: false,
      other: null,
    });
    close();
    await eventually(async () => !(await client.ownerCheck({ key: 'mine', port, localPort })).certain);
    await expect(client.ownerCheck({ key: 'nobody', port })).rejects.toMatchObject({ code: 'unknown_process' });
  });

  it('knows a stranger', async () => {
    const port = await freePort();
    const stranger = spawn(process.execPath, ['-e', listener(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(stranger.stdout, 'data');
    await supervisor.client.start('idle', 1, supervisor.service('exec sleep 600'));
    const { localPort, close } = await connection(port);
    const other = { pid: stranger.pid, command: process.execPath, key: null };
    expect(await supervisor.client.ownerCheck({ key: 'idle', port, localPort })).toEqual({
      belongs: false,
      other,
      certain: true,
    });
    close();
    stranger.kill('SIGKILL');
  });

  it('tells two listeners of one port apart by the connection', async () => {
    const port = await freePort();
    const serve = () => supervisor.service('', { argv: [process.execPath, '-e', listener(port, '{reusePort: true}')] });
    for (const key of ['twin-1', 'twin-2']) {
      await supervisor.client.start(key, 1, serve());
      await eventually(async () => (await supervisor.client.get(key)).listens.includes(port));
    }
    expect(await supervisor.client.ownerCheck({ key: 'twin-1', port })).toMatchObject({
      belongs: false,
      other: { key: 'twin-2' },
    });
    const seen = new Set<string>();
    const open: { close(): void }[] = [];
    while (seen.size < 2) {
      const { localPort, close } = await connection(port);
      open.push({ close });
      const answers = await Promise.all(
        ['twin-1', 'twin-2'].map((key) => supervisor.client.ownerCheck({ key, port, localPort })),
      );
      expect(answers.map(({ belongs }) => belongs).sort()).toEqual([false, true]);
      const owner = answers[0]?.belongs ? 'twin-1' : 'twin-2';
      expect(answers.find(({ belongs }) => !belongs)?.other?.key).toBe(owner);
      seen.add(owner);
    }
    for (const { close } of open) close();
  });

  it('counts a worker of the group, and one that has detached itself', async () => {
    const port = await freePort();
    const script = `setsid "${process.execPath}" -e "$SERVER" & exec sleep 600`;
    const env = { PATH: process.env.PATH ?? '', SERVER: listener(port) };
    await supervisor.client.start('workers', 1, supervisor.service(script, { env }));
    await eventually(async () => (await supervisor.client.get('workers')).listens.includes(port));
    const { localPort, close } = await connection(port);
    expect(await supervisor.client.ownerCheck({ key: 'workers', port, localPort })).toMatchObject({
      belongs: true,
      certain: true,
    });
    close();
  });
});
