import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { pidRuns } from './leftovers.ts';
import type { Repository } from './repository.ts';
import { SideFile } from './side-file.ts';
import { nodeService, serviceJson } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  let world: World;
  let api: Repository;
  let builds: SideFile;
  const json = async (...words: string[]) => (await world.cliIn(api.folder, ...words, '--json')).json();
  const version = async (environment: string) => (await world.target('api', environment)).release?.version;

  beforeAll(async () => {
    world = World.create();
    await world.up();
    builds = new SideFile(world.folder, 'builds');
    api = await world.service('api', nodeService({ version: 'one', build: builds.command }));
    await world.ship(api);
  });

  afterAll(() => world.end());

  describe('Given an environment that somebody holds', () => {
    beforeAll(async () => {
      await json('hold', '--reason', 'the audit');
    });

    test('When something is pushed, Then it gets as far as staging, and says by whom the rest is held', async () => {
      await api.commit('Second', { 'service.json': serviceJson({ version: 'two' }) });
      const pushed = await api.push();
      expect(pushed.lines).toContain('  – approval production: held by owner: the audit');
      expect(pushed.lines).toContain('  – deploy production: held by owner: the audit');
      expect(pushed.lines.at(-1)).toBe('✓ #2 succeeded: deploy production: held by owner: the audit');
      expect((await world.who('api-staging.localhost')).version).toBe('two');
      expect((await world.who('api.localhost')).version).toBe('one');
      expect((await world.target('api', 'production')).hold).toMatchObject({ by: 'owner', reason: 'the audit' });
    });

    test('When somebody promotes, Then it goes past the hold, with the artifact that staging has', async () => {
      expect(await json('promote')).toMatchObject({ cause: 'promote', status: 'succeeded', version: 2, run: null });
      expect((await world.who('api.localhost')).version).toBe('two');
      const [staging, production] = await Promise.all([
        world.target('api', 'staging'),
        world.target('api', 'production'),
      ]);
      expect(production.release?.artifact).toBe(staging.release?.artifact);
      expect(production.hold).not.toBeNull();
      expect(builds.runs).toEqual([1, 2]);
    });

    test('When the hold is lifted, Then a push asks for its approval again', async () => {
      await json('unhold');
      await api.commit('Third', { 'service.json': serviceJson({ version: 'three' }) });
      await world.ship(api);
      expect((await world.who('api.localhost')).version).toBe('three');
      expect(await version('production')).toBe(3);
    });
  });

  describe('Given three releases in production', () => {
    test('When somebody rolls back, Then the second one serves as a new release, nothing is built, and it is held', async () => {
      const builtBefore = builds.runs;
      const rolled = await json('rollback', '--reason', 'wrong totals');
      expect(rolled).toMatchObject({ cause: 'rollback', status: 'succeeded', version: 4, fromVersion: 3 });
      expect((await world.who('api.localhost')).version).toBe('two');
      expect(await world.target('api', 'production')).toMatchObject({
        release: { version: 4, cause: 'rollback', copiedFrom: 2 },
        hold: { by: 'owner', reason: 'wrong totals' },
      });
      expect(builds.runs).toEqual(builtBefore);
    });

    test('When somebody rolls back again, Then it goes further back', async () => {
      expect(await json('rollback')).toMatchObject({ status: 'succeeded', version: 5 });
      expect((await world.who('api.localhost')).version).toBe('one');
      expect((await world.target('api', 'production')).release).toMatchObject({ copiedFrom: 1 });
      const once = await world.cliIn(api.folder, 'rollback');
      expect(once).toMatchObject({ code: 1, stderr: expect.stringContaining('api in production: ') });
      expect(await version('production')).toBe(5);
    });

    test('When a release is named, Then it is that one; its time over what the service itself needs is small', async () => {
      const rolled = await world.deployed(
        await world.client.call('rollback', {
          params: { service: 'api', environment: 'production' },
          body: { version: 3 },
        }),
      );
      expect(rolled.status).toBe('succeeded');
      expect((await world.who('api.localhost')).version).toBe('three');
      const took = Date.parse(rolled.endedAt ?? '') - Date.parse(rolled.createdAt);
      const ready = Number(rolled.ledger.find((entry) => entry.what === 'ready')?.data.ms);
      console.log(`rollback: ${took} ms, of which the service needed ${ready} ms: ${took - ready} ms over`);
      expect(ready).toBeGreaterThan(0);
      expect(took - ready).toBeLessThan(30_000);
    });
  });

  describe('Given a service with one replica', () => {
    test('When it is scaled to three and back, Then so many processes answer, and the release stays', async () => {
      const before = await version('production');
      expect(await answering()).toHaveLength(1);
      await json('scale', '3');
      expect(await answering()).toHaveLength(3);
      expect(await world.target('api', 'production')).toMatchObject({
        replicas: 3,
        running: [{ health: 'healthy' }, { health: 'healthy' }, { health: 'healthy' }],
      });
      await json('scale', '1');
      const [left] = await answering();
      expect(await answering()).toEqual([left]);
      expect(await version('production')).toBe(before);
    });

    /** The pids that answer among many requests. */
    async function answering(): Promise<number[]> {
      const answers = await Promise.all(Array.from({ length: 30 }, () => world.who('api.localhost')));
      return [...new Set(answers.map(({ pid }) => pid))];
    }
  });

  describe('Given a run whose tests fail for a reason outside of the commit', () => {
    let run: number;

    test('When it is run again from there, Then it is a new attempt that goes on, and the old log is kept', async () => {
      const flag = join(world.folder, 'database-is-up');
      const check = `cat '${flag}' || { echo 'no database'; exit 1; }`;
      await api.commit('With a flaky test', nodeService({ version: 'four', test: check, build: builds.command }));
      run = (await api.push()).run ?? 0;
      expect(await json('run', `${run}`)).toMatchObject({ status: 'failed' });
      writeFileSync(flag, 'here it is\n');
      await json('rerun', `${run}`, '--from', 'unit');
      // Production is still held by the rollbacks: nothing waits for a person.
      const after = await world.waitFor(run);
      expect(after).toMatchObject({ status: 'succeeded' });
      const unit = after.stages.find((stage) => stage.kind === 'unit');
      expect(unit?.attempts).toMatchObject([
        { attempt: 1, status: 'failed', exitCode: 1 },
        { attempt: 2, status: 'succeeded', exitCode: 0 },
      ]);
      expect((await world.cliIn(api.folder, 'logs', `${run}`, 'unit', '--attempt', '1')).stdout).toContain(
        'no database',
      );
      expect((await world.cliIn(api.folder, 'logs', `${run}`, 'unit')).stdout).toContain('here it is');
      expect(after.stages.find((stage) => stage.kind === 'prepare')?.attempt).toBe(1);
      expect((await world.who('api-staging.localhost')).version).toBe('four');
    });
  });

  describe('Given a stage that runs for a long time, with children that ignore SIGTERM', () => {
    test('When its run is cancelled, Then all of it ends, and the rest never begins', async () => {
      const pidFile = join(world.folder, 'stubborn.pid');
      const test = `sh -c "trap '' TERM; echo \\$\\$ > '${pidFile}'; while :; do sleep 1; done" & wait`;
      await api.commit('Hangs', nodeService({ version: 'five', test, build: builds.command }));
      const pushing = api.pushing();
      await pushing.line(/● unit …/);
      await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 60_000 }).toMatch(/\d/);
      const stubborn = Number(readFileSync(pidFile, 'utf8'));
      expect(pidRuns(stubborn)).toBe(true);
      const { runs } = await world.client.call('listRuns', { query: { limit: 1 } });
      const run = runs[0]?.run ?? 0;
      const builtBefore = builds.runs;
      await json('cancel', `${run}`);
      const after = await world.waitFor(run);
      expect(after).toMatchObject({ status: 'cancelled' });
      expect(after.stages.map((stage) => stage.status)).toEqual([
        ...['succeeded', 'skipped', 'cancelled', 'skipped', 'skipped', 'skipped', 'skipped'],
      ]);
      expect(pidRuns(stubborn)).toBe(false);
      const pushed = await pushing.pushed;
      expect(pushed.code).toBe(0);
      expect(pushed.lines.at(-1)).toMatch(/^✗ #\d+ cancelled/);
      expect(builds.runs).toEqual(builtBefore);
    });
  });
});
