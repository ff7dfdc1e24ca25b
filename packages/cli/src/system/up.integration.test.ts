import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withParts } from '../../../../scripts/parts.ts';
import { type Installation, installation, leftOf, processesOf, withSupervisor } from './testing/installation.ts';
import type { Running } from './up.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** One installation, through the days of its life: each test takes it as the one before left it. */
withParts(['proc'], () => {
  let folder: string;
  let it: Installation;
  let running: Running;

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-up-')));
    chmodSync(folder, 0o755);
    it = installation(folder);
  });

  afterAll(async () => {
    await it.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the first up sets everything up and starts it', async () => {
    running = await it.up();
    expect(running.started).toEqual(['supervisor', 'postgres', 'server-1', 'router']);
    expect(Object.keys(await it.pids()).sort()).toEqual(['postgres', 'router', 'server-1', 'supervisor']);
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
    expect((await fetch(running.routerUrl)).status).toBeGreaterThanOrEqual(400);
    expect(running.token).toBe(readFileSync(running.tokenFile, 'utf8').trim());
    expect(running.gitUrl).toBe(`${running.url}/git`);
  });

  test('what holds a secret is closed to others, and no secret is in any argument', () => {
    const { secrets, config, settings, supervisorState } = it.layout();
    for (const path of [secrets, config, supervisorState]) expect(statSync(path).mode & 0o077).toBe(0);
    for (const name of readdirSync(config)) expect(statSync(join(config, name)).mode & 0o077, name).toBe(0);
    expect(statSync(settings).mode & 0o077).toBe(0);
    const password = readFileSync(it.layout().databasePassword, 'utf8').trim();
    const commands = processesOf(it.data).map(({ command }) => command);
    expect(commands.some((command) => command.includes('bin/postgres'))).toBe(true);
    for (const command of commands) expect(command).not.toContain(password);
    expect(readFileSync(settings, 'utf8')).not.toContain(password);
  });

  test('a second up finds it running and touches nothing', async () => {
    const before = await it.pids();
    const again = await it.up();
    expect(again).toEqual({ ...running, started: [] });
    expect(await it.pids()).toEqual(before);
  });

  test('two at the same moment agree', async () => {
    const before = await it.pids();
    const [one, two] = await Promise.all([it.up(), it.up()]);
    expect(one).toEqual(two);
    expect(await it.pids()).toEqual(before);
  });

  test('a setting replaces what it concerns, and is kept', async () => {
    const before = await it.pids();
    const changed = await it.up({ wishes: { domain: 'apps.example.com' } });
    expect(changed.started).toEqual(['server-1']);
    const after = await it.pids();
    expect(after).toEqual({ ...before, 'server-1': after['server-1'] });
    expect(after['server-1']).not.toBe(before['server-1']);
    expect(await it.up()).toMatchObject({ domain: 'apps.example.com', started: [] });
    expect(readFileSync(it.layout().serverConfig(1), 'utf8')).toContain('apps.example.com');
  });

  test('other code replaces the part that it belongs to, and services run through it', async () => {
    const replica = await startReplica(it);
    for (const part of ['server', 'supervisor', 'router'] as const) {
      const before = await it.pids();
      it.changeCode(part);
      const name = part === 'server' ? 'server-1' : part;
      expect((await it.up()).started).toEqual([name]);
      const after = await it.pids();
      expect(after[name]).not.toBe(before[name]);
      expect({ ...after, [name]: null }).toEqual({ ...before, [name]: null });
    }
    expect(await replicaPid(it)).toBe(replica);
  });

  test('code of several parts changed while the supervisor was dead: nothing old stays', async () => {
    const before = await it.pids();
    for (const part of ['server', 'supervisor'] as const) it.changeCode(part);
    await killSupervisor(it);
    expect((await it.up()).started).toEqual(['supervisor', 'server-1']);
    const after = await it.pids();
    expect(after['server-1']).not.toBe(before['server-1']);
    expect(after.postgres).toBe(before.postgres);
  });

  test('a server more, a server less', async () => {
    expect((await it.up({ wishes: { servers: 2 } })).started).toEqual(['server-2', 'router']);
    expect(Object.keys(await it.pids())).toContain('server-2');
    await it.up({ wishes: { servers: 1 } });
    expect(Object.keys(await it.pids())).not.toContain('server-2');
    expect(processesOf(it.data).filter(({ command }) => command.includes('server-2'))).toEqual([]);
  });

  test('everything killed at once: up brings it back with its data, and finds the service again', async () => {
    const replica = await replicaPid(it);
    const before = await it.up();
    await it.killAll();
    const after = await it.up();
    expect(after.started).toEqual(['supervisor', 'postgres', 'server-1', 'router']);
    expect({ ...after, started: [] }).toEqual(before);
    expect(await replicaPid(it)).toBe(replica);
  });

  test('a port that somebody has is refused before anything changes', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const [before, settings] = [await it.pids(), readFileSync(it.layout().settings, 'utf8')];
    const listen = { host: '127.0.0.1', port };
    await expect(it.up({ wishes: { listen } })).rejects.toThrow(`127.0.0.1:${port} is taken`);
    taken.close();
    expect(await it.pids()).toEqual(before);
    expect(readFileSync(it.layout().settings, 'utf8')).toBe(settings);
    await expect(it.up({ wishes: { listen: { host: '127.0.0.1', port: portOf(running.url) } } })).rejects.toThrow(
      'both ask for port',
    );
  });

  test('a server that does not start: what it said, and where the rest is', async () => {
    const failure = it.up({ wishes: { domain: 'broken.example.com' } });
    await expect(failure).rejects.toThrow(/server-1 does not get well.*the server of this test is broken/s);
    const help = await failure.then(
      () => '',
      (error: { help: string }) => error.help,
    );
    const log = /Its whole log: (\S+)\. /.exec(help)?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('the server of this test is broken');
    expect((await it.up({ wishes: { domain: 'localhost' } })).started).toEqual(['server-1']);
  });

  test('an address of a database is refused where the data is in the embedded one; a variable of that name is not meant for us', async () => {
    const url = 'postgresql://u:hidden@127.0.0.1:1/x';
    await expect(it.up({ database: { url, by: 'flag' } })).rejects.toThrow(
      'keeps its data in the embedded PostgreSQL already',
    );
    expect((await it.up({ database: { url, by: 'variable' } })).database).toBe('embedded PostgreSQL');
  });

  test('the locks of a killed PostgreSQL whose number another program got do not keep it down', async () => {
    await it.killAll();
    const { postgres, postgresSocketFolder } = it.layout();
    const lock = join(postgres, 'data', 'postmaster.pid');
    const ours = readFileSync(lock, 'utf8').replace(/^\d+/, `${process.pid}`);
    for (const path of [lock, join(postgresSocketFolder, '.s.PGSQL.5432.lock')]) writeFileSync(path, ours);
    expect((await it.up()).started).toContain('postgres');
  });

  test('down --keep-services leaves router and services; up brings the rest back', async () => {
    const [before, replica] = [await it.pids(), await replicaPid(it)];
    expect(await it.down(true)).toEqual({ data: it.data, stopped: true, kept: ['supervisor', 'router'] });
    expect(await it.pids()).toEqual({ supervisor: before.supervisor, router: before.router });
    expect((await fetch(running.routerUrl)).status).toBeGreaterThanOrEqual(400);
    expect((await it.up()).started).toEqual(['postgres', 'server-1']);
    expect(await replicaPid(it)).toBe(replica);
  });

  test('down stops all of it, once; the data stays', async () => {
    const replica = await replicaPid(it);
    expect(await it.down()).toEqual({ data: it.data, stopped: true, kept: [] });
    await expect.poll(() => leftOf(it.data), { timeout: 10_000 }).toEqual([]);
    expect(runs(replica)).toBe(false);
    expect(await it.down()).toMatchObject({ stopped: false });
    const again = await it.up();
    expect(again.token).toBe(running.token);
    expect(again.url).toBe(running.url);
  });

  test('down ends what a killed supervisor left behind', async () => {
    await startReplica(it, `${replicaKey}/2`);
    await startReplica(it, `${replicaKey}/failing`, ['false']);
    await killSupervisor(it);
    expect(processesOf(it.data)).not.toEqual([]);
    expect(await it.down()).toMatchObject({ stopped: true });
    await expect.poll(() => leftOf(it.data), { timeout: 10_000 }).toEqual([]);
  });

  test('down ends what an up left behind that was killed before it could note it', async () => {
    await it.up();
    const replica = await startReplica(it, `${replicaKey}/3`);
    rmSync(it.layout().applied);
    await killSupervisor(it);
    expect(runs(replica ?? 0)).toBe(true);
    expect(await it.down()).toMatchObject({ stopped: true });
    await expect.poll(() => leftOf(it.data), { timeout: 10_000 }).toEqual([]);
  });
});

const replicaKey = 'target/1/replica';

async function startReplica(it: Installation, key = replicaKey, argv = ['sleep', '3600']): Promise<number | null> {
  const spec = {
    mode: 'service',
    owner: 'target/1',
    argv,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  } as const;
  return (await withSupervisor(it.layout(), (client) => client.start(key, 1, spec))).pid;
}

async function replicaPid(it: Installation): Promise<number> {
  const { pid } = await withSupervisor(it.layout(), (client) => client.get(replicaKey));
  if (pid === null) throw new Error('the replica does not run');
  return pid;
}

/** Its keeper first: it would start it again. */
async function killSupervisor(it: Installation): Promise<void> {
  const config = it.layout().supervisorConfig;
  for (const { pid } of processesOf(it.data).filter(({ command }) => command.includes(config)))
    process.kill(pid, 'SIGKILL');
  while (processesOf(it.data).some(({ command }) => command.includes(config))) await new Promise(setImmediate);
}

/** A zombie, which the machine's init has not taken note of yet, does not run. */
function runs(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const portOf = (url: string): number => Number(new URL(url).port);
