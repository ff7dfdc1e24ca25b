import type { SettingsLayer } from '@towpath/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setConfig } from './config.ts';
import { cancelJob, exec, runJob, waitJob } from './jobs.ts';
import { jobLog, runLog } from './logs.ts';
import { getService } from './read.ts';
import { scale } from './scale.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

const settings: SettingsLayer = {
  start: 'serve',
  release: 'migrate',
  processes: { report: { kind: 'job', command: 'report --all' }, mailer: { command: 'mail' } },
};
const staging = { service: 'api', environment: 'staging' };

beforeEach(async () => {
  world = await World.open();
  await world.service('api', settings);
});

afterEach(async () => {
  await world.close();
});

/** What the commands of jobs do. */
const does = (text: string, code = 0) => {
  world.house.executor.machine.knobs.script = (_command, key) =>
    key.startsWith('job/') || key.endsWith(':release')
      ? [
          { do: 'print', text },
          { do: 'exit', code },
        ]
      : [];
};
const ended = (job: number) => waitJob(world.house, ada, { job, timeoutMs: 20_000 });
const { signal } = new AbortController();
const text = async (stream: AsyncIterable<Buffer>) => {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
const log = async (job: number, offset = 0) =>
  text(await jobLog(world.house, ada, { job, offset, follow: true, signal }));

test('before anything is live there is nothing to run it with', async () => {
  await expect(runJob(world.house, ada, { ...staging, process: 'report', args: [] })).rejects.toMatchObject({
    code: 'no_release',
  });
});

describe('with a live release', () => {
  beforeEach(async () => {
    await setConfig(world.house, ada, { ...staging, config: {}, secrets: { TOKEN: 'very-secret-token' } });
    does('');
    await world.until(await world.push('first'), 'waiting');
  });

  test('a job that it declares runs with its environment, is listed, and tells its exit code', async () => {
    does('7 reports\n', 3);
    const { job } = await runJob(world.house, bob, { ...staging, process: 'report', args: ['--since', 'a day'] });
    expect(await log(job)).toBe('7 reports\n');
    expect(await ended(job)).toMatchObject({
      status: 'failed',
      exitCode: 3,
      reason: 'exited with code 3',
      process: 'report',
      version: 1,
      requestedBy: 'bob',
      timeoutMs: 1_800_000,
    });
    expect(world.house.executor.machine.commands.get(`job/${job}`)?.command).toMatchObject({
      argv: ['sh', '-c', 'report --all "$@"', 'sh', '--since', 'a day'],
      env: { TOKEN: 'very-secret-token', TOWPATH_RELEASE: 'v1' },
    });
    const events = (await world.events()).filter((each) => each.startsWith('job.'));
    expect(events).toEqual(['job.queued by bob', 'job.started by towpath', 'job.ended by towpath']);
  });

  test('any command runs as it is, and secrets stay hidden wherever one begins to read', async () => {
    does('the token is very-secret-token, they say\n');
    const { job } = await exec(world.house, ada, { ...staging, command: ['node', '-e', 'a b'] });
    expect(await ended(job)).toMatchObject({ status: 'succeeded', exitCode: 0, process: null, program: 'node' });
    const whole = await log(job);
    expect(whole).toBe('the token is •••, they say\n');
    const bytes = Buffer.from(whole);
    expect(await log(job, 20)).toBe(bytes.subarray(20).toString());
    expect(world.house.executor.machine.commands.get(`job/${job}`)?.command.argv).toEqual(['node', '-e', 'a b']);
  });

  test('ends with a cancel, and with its time', async () => {
    world.house.executor.machine.knobs.script = () => [{ do: 'await-gate', name: 'never' }];
    const first = await exec(world.house, ada, { ...staging, command: ['sleep', '1000'] });
    await expect.poll(() => world.house.executor.machine.commands.has(`job/${first.job}`)).toBe(true);
    await cancelJob(world.house, bob, { job: first.job });
    expect(await ended(first.job)).toMatchObject({ status: 'cancelled', reason: 'cancelled by bob', exitCode: null });
    await expect(cancelJob(world.house, bob, { job: first.job })).rejects.toMatchObject({ code: 'already_ended' });
    const second = await exec(world.house, ada, { ...staging, command: ['sleep', '1000'], timeoutMs: 50 });
    expect(await ended(second.job)).toMatchObject({ status: 'failed', reason: expect.stringContaining('ran longer') });
  });

  test.each([
    ['nothing', 'v1 of api in staging has no job "nothing"; it has report'],
    ['mailer', 'v1 of api in staging runs "mailer" all the time: it is a worker, no job; it has report'],
    ['constructor', 'v1 of api in staging has no job "constructor"; it has report'],
  ])('%s is no job', async (process, message) => {
    await expect(runJob(world.house, ada, { ...staging, process, args: [] })).rejects.toMatchObject({
      code: 'unknown_job',
      message,
    });
  });

  test('its workers are scaled by name, and shown', async () => {
    const running = () =>
      [...world.house.platform.cluster.replicas.values()].filter(
        (each) => each.phase === 'running' && each.name.process === 'mailer',
      ).length;
    expect(running()).toBe(1);
    await scale(world.house, ada, { ...staging, process: 'mailer', replicas: 3 });
    await expect.poll(running).toBe(3);
    const shown = await getService(world.house, ada, { service: 'api' });
    expect(shown.environments[0]).toMatchObject({ workers: { mailer: 3 }, replicas: 1, interrupts: false });
    await expect(scale(world.house, ada, { ...staging, process: 'clock', replicas: 1 })).rejects.toThrow(
      'api runs no process "clock" in staging; it has http, mailer',
    );
  });

  test('the output of its release command is in the log of the deploy stage, without secrets', async () => {
    does('migrating with very-secret-token\n');
    const run = await world.push('second');
    await world.until(run, 'waiting');
    const read = await runLog(world.house, ada, { run, stage: 'deploy/staging', offset: 0, follow: false, signal });
    expect(await text(read)).toMatch(/release command=migrate\nmigrating with •••\n\+[\d.]+ s release ended code=0\n/);
  });
});
