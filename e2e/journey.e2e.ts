import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Pushed, Repository } from './repository.ts';
import { SideFile } from './side-file.ts';
import { nodeService, serviceJson, staticSite } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  let world: World;
  let tests: SideFile;
  let builds: SideFile;
  let api: Repository;
  let pushed: Pushed;

  beforeAll(async () => {
    world = World.create();
    await world.up();
    tests = new SideFile(world.folder, 'tests');
    builds = new SideFile(world.folder, 'builds');
  });

  afterAll(() => world.end());

  describe('Given a Towpath that is up, and a repository that `towpath init` made a service', () => {
    beforeAll(async () => {
      api = await world.repository('api', nodeService({ test: tests.command, build: builds.command }));
    });

    test('init tells what others build upon, and writes nothing into the repository', async () => {
      const ended = await world.cliIn(api.folder, 'init', '--yes', '--json');
      expect(ended.json()).toMatchObject({
        service: 'api',
        remote: 'towpath',
        environments: [
          { name: 'staging', url: expect.stringMatching(/^http:\/\/api-staging\.localhost:\d+$/) },
          { name: 'production', url: expect.stringMatching(/^http:\/\/api\.localhost:\d+$/) },
        ],
      });
      expect((await api.git('status', '--porcelain')).stdout).toBe('');
      expect((await api.git('config', '--list')).stdout).not.toContain(world.is.token);
    });

    test('When it is pushed, Then it is tested, built and served in staging, and waits for an approval', async () => {
      pushed = await api.push();
      expect(pushed.code).toBe(0);
      expect(pushed.run).toBe(1);
      // A stage may be over before its beginning could be told.
      const ends = pushed.lines.filter((line) => !line.startsWith('  ● '));
      const told = ends.map((line) => line.replace(/ \d+\.\d s$/, ' … s'));
      expect(told).toEqual([
        expect.stringMatching(/^api #1 [0-9a-f]{7} on main: First version$/),
        '  ✓ prepare … s',
        '  – quality: no command found; set one: towpath service set api --quality "…"',
        '  ✓ unit … s',
        '  ✓ build … s',
        '  ✓ deploy staging … s',
        `    http://api-staging.localhost:${new URL(world.is.routerUrl).port}`,
        expect.stringMatching(/^waits for approval, until \d{4}-\d\d-\d\d \d\d:\d\d UTC: towpath approve 1$/),
      ]);
      expect(await world.who('api-staging.localhost')).toMatchObject({ version: 'v1', release: 'v1' });
      expect((await world.ask('api.localhost')).status).toBe(404);
      expect(tests.runs).toEqual([1]);
    });

    test('When somebody approves it, Then production serves the same artifact, which was built once', async () => {
      const approved = await world.cliIn(api.folder, 'approve', '--yes', '--json');
      expect(approved.json()).toMatchObject({ run: 1, status: 'running' });
      const waited = await world.cliIn(api.folder, 'wait', '1', '--json');
      expect(waited.code).toBe(0);
      expect(waited.json()).toMatchObject({ run: 1, status: 'succeeded', reason: null });
      expect(await world.who('api.localhost')).toMatchObject({ version: 'v1', release: 'v1' });
      const [staging, production] = await Promise.all([
        world.target('api', 'staging'),
        world.target('api', 'production'),
      ]);
      expect(staging.release?.artifact).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(production.release?.artifact).toBe(staging.release?.artifact);
      expect(builds.runs).toEqual([1]);
      expect(tests.runs).toEqual([1]);
    });

    test('status, runs, run, releases and logs tell it', async () => {
      const { stdout: head } = await api.git('rev-parse', 'HEAD');
      const commit = head.trim();
      const json = async (...words: string[]) => (await world.cliIn(api.folder, ...words, '--json')).json();
      expect(await json('status')).toMatchObject({
        system: { ok: true, problems: [] },
        services: [
          {
            name: 'api',
            environments: [
              { environment: 'staging', release: { version: 1, live: true, commit }, replicas: 1, hold: null },
              {
                environment: 'production',
                release: { version: 1, live: true, commit, cause: 'run', run: 1, createdBy: 'owner' },
                running: [{ phase: 'running', health: 'healthy', restarts: 0 }],
              },
            ],
            lastRun: { run: 1, status: 'succeeded' },
          },
        ],
        waiting: [],
      });
      expect(await json('runs')).toMatchObject({ runs: [{ run: 1, service: 'api', branch: 'main', trigger: 'push' }] });
      const stage = (kind: string, status: string, environment: string | null = null) =>
        expect.objectContaining({
          kind,
          environment,
          status,
          startedAt: expect.any(Number),
          finishedAt: expect.any(Number),
          attempts: [expect.objectContaining({ attempt: 1, status, endedAt: expect.any(String) })],
        });
      expect(await json('run', '1')).toMatchObject({
        status: 'succeeded',
        commit,
        stages: [
          stage('prepare', 'succeeded'),
          stage('quality', 'skipped'),
          stage('unit', 'succeeded'),
          stage('build', 'succeeded'),
          stage('deploy', 'succeeded', 'staging'),
          stage('approval', 'succeeded', 'production'),
          stage('deploy', 'succeeded', 'production'),
        ],
      });
      expect(await json('releases', '--env', 'production')).toMatchObject({
        releases: [{ version: 1, live: true, cause: 'run', copiedFrom: null, run: 1, commit }],
        next: null,
      });
      const log = await world.cliIn(api.folder, 'logs', '1', 'unit');
      expect(log.stdout).toContain('$ npm test\n');
      const rollout = await world.cliIn(api.folder, 'logs', '1', 'deploy/production');
      expect(rollout.stdout).toMatch(/start replicas=1\n.*ready .*\n.*shift weight=100\n.*answered status=200/);
    });

    test('the release alone answers at a host of its own', async () => {
      expect(await world.who('api-v1.localhost')).toMatchObject({ release: 'v1' });
      expect((await world.ask('api-v2.localhost')).status).toBe(404);
    });

    test('When its tests fail, Then the pusher sees why, and nothing is built or deployed', async () => {
      await api.commit('A mistake', {
        ...nodeService({ version: 'v2', test: 'echo "3 is not 4"; exit 7', build: builds.command }),
      });
      const failed = await api.push();
      expect(failed.code).toBe(0);
      const at = failed.lines.findIndex((line) => /^ {2}✗ unit \d+\.\d s: exited with code 7$/.test(line));
      expect(failed.lines.slice(at).map((line) => line.trim())).toEqual(
        expect.arrayContaining(['$ npm test', '3 is not 4', 'whole log: towpath logs 2 unit']),
      );
      expect(failed.lines.at(-1)).toBe('✗ #2 failed: unit: exited with code 7');
      const run = await world.client.call('getRun', { params: { run: 2 } });
      expect(run.stages.map((stage) => stage.status)).toEqual([
        ...['succeeded', 'skipped', 'failed', 'skipped', 'skipped', 'skipped', 'skipped'],
      ]);
      expect(builds.runs).toEqual([1]);
      expect(await world.who('api-staging.localhost')).toMatchObject({ version: 'v1' });
    });

    test('When the next commit mends it, Then the new version replaces the old one in both environments', async () => {
      await api.commit('Mended', {
        ...nodeService({ test: tests.command, build: builds.command }),
        'service.json': serviceJson({ version: 'v3' }),
      });
      const { run } = await world.ship(api);
      expect(run.run).toBe(3);
      for (const host of ['api-staging.localhost', 'api.localhost']) {
        expect(await world.who(host)).toMatchObject({ version: 'v3', release: 'v2' });
      }
      expect(builds.runs).toEqual([1, 3]);
    });
  });

  describe('Given a folder with a page', () => {
    test('When it is pushed and approved, Then its files are served', async () => {
      const site = await world.service('site', staticSite('v1'));
      await world.ship(site);
      const answer = await world.ask('site.localhost');
      expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('Version v1') });
      expect((await world.ask('site.localhost', '/missing')).status).toBe(404);
    });
  });
});
