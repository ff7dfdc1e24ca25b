import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, lives } from '../testing/supervisor.ts';
import { SupervisorClient } from './client.ts';
import { startSupervisor } from './start.ts';

let root: string;
let configPath: string;
let client: SupervisorClient;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tps-'));
  configPath = join(root, 'config.json');
  configure(join(root, 's'));
  client = new SupervisorClient(join(root, 's'));
});
afterEach(async () => {
  client.close();
  rmSync(root, { recursive: true });
});

function configure(socket: string): void {
  writeFileSync(configPath, JSON.stringify({ socket, dataDir: join(root, 'data') }));
}

/** Its keepers: `ps` shows them with the configuration's path. */
function keepers(): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes('keep.sh') && line.includes(configPath));
  return lines.map((line) => Number.parseInt(line, 10));
}

async function shutDown(): Promise<void> {
  await client.shutdown(true);
  await eventually(() => keepers().length === 0);
}

it('starts one supervisor, however many ask at once, and answers for the one that runs', async () => {
  const healths = await Promise.all(Array.from({ length: 4 }, () => startSupervisor(configPath)));
  expect(new Set(healths.map(({ instance }) => instance)).size).toBe(1);
  expect((await startSupervisor(configPath)).instance).toBe(healths[0]?.instance);
  await eventually(() => keepers().length === 1);
  await shutDown();
  expect(lives(healths[0]?.pid ?? 0)).toBe(false);
});

it('brings a killed supervisor back, with what it kept', async () => {
  const first = await startSupervisor(configPath);
  const env = { PATH: process.env.PATH ?? '' };
  await client.start('web', 1, { mode: 'service', owner: 'target/1', argv: ['sleep', '600'], cwd: '/', env });
  const { pid } = await client.get('web');
  for (const round of [1, 2]) {
    const before = (await client.health()).pid;
    process.kill(before, 'SIGKILL');
    const back = await eventually(() => client.health().catch(() => null));
    expect([round, back.pid]).not.toEqual([round, before]);
  }
  expect((await client.health()).instance).not.toBe(first.instance);
  expect(await client.get('web')).toMatchObject({ phase: 'running', pid, restarts: 0 });
  await shutDown();
  expect(lives(pid ?? 0)).toBe(false);
});

it('starts again after a shutdown that nobody finished', async () => {
  const { pid } = await startSupervisor(configPath);
  for (const keeper of keepers()) process.kill(keeper, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  writeFileSync(join(root, 'data', 'shutdown.json'), JSON.stringify({ processes: true, boot }));
  expect((await startSupervisor(configPath)).pid).not.toBe(pid);
  await shutDown();
});

it('is not a part of the process that started it', async () => {
  process.env.TOWPATH_PROCESS = 'somebody:server-1';
  try {
    const { pid } = await startSupervisor(configPath);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('TOWPATH_PROCESS');
  } finally {
    process.env.TOWPATH_PROCESS = undefined;
    delete process.env.TOWPATH_PROCESS;
  }
  await shutDown();
});

it('says that a socket path is too long, and what is wrong with a supervisor that does not come', async () => {
  configure(join(root, 'x'.repeat(120)));
  const tooLong = {
    code: 'bad_request',
    message: expect.stringMatching(/socket: is \d+ bytes long; .* may have 10[37]: choose a shorter one$/),
  };
  await expect(startSupervisor(configPath)).rejects.toMatchObject(tooLong);
  writeFileSync(configPath, '{');
  await expect(startSupervisor(configPath)).rejects.toMatchObject({ code: 'bad_request' });
  configure(join(root, 'config.json', 's'));
  const away = { code: 'supervisor_away', message: expect.stringMatching(/its log is .*data\/log, and ends with: .+/) };
  await expect(startSupervisor(configPath, process.execPath, 8_000)).rejects.toMatchObject(away);
  for (const keeper of keepers()) process.kill(keeper, 'SIGKILL');
  await eventually(() => keepers().length === 0);
});

it('says so of one that was stopped, and finds it again when it goes on', async () => {
  const { pid, instance } = await startSupervisor(configPath);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(startSupervisor(configPath, process.execPath, 500)).rejects.toMatchObject({ code: 'supervisor_away' });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect((await startSupervisor(configPath)).instance).toBe(instance);
  await shutDown();
});
