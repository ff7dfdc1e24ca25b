import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { start } from './program.ts';
import type { Repository } from './repository.ts';
import { SideFile } from './side-file.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

const secret = 'correct-horse-battery-staple-7312';

withParts(['git', 'proc'], () => {
  describe('Given a service that is live in production', () => {
    let world: World;
    let api: Repository;
    let builds: SideFile;
    const json = async (...words: string[]) => (await world.cliIn(api.folder, ...words, '--json')).json();

    beforeAll(async () => {
      world = World.create();
      await world.up();
      builds = new SideFile(world.folder, 'builds');
      api = await world.service('api', nodeService({ build: builds.command }));
      await world.ship(api);
    });

    afterAll(() => world.end());

    test('When a variable changes, Then a release with the same artifact serves it, and nothing is built', async () => {
      const before = await world.target('api', 'production');
      const changed = await json('config', 'set', 'GREETING=hello world', 'EMPTY=');
      expect(changed).toMatchObject({
        config: { config: { GREETING: 'hello world', EMPTY: '' }, secrets: [] },
        deployment: { cause: 'config', status: 'succeeded', version: 2, fromVersion: 1, run: null },
      });
      expect((await world.ask('api.localhost', '/env?GREETING')).text).toBe('hello world');
      const after = await world.target('api', 'production');
      expect(after.release).toMatchObject({ version: 2, cause: 'config', artifact: before.release?.artifact });
      expect(builds.runs).toEqual([1]);
      expect((await world.target('api', 'staging')).release?.version).toBe(1);
    });

    test('When a secret is set from standard input, Then the service has it', async () => {
      const words = ['secret', 'set', 'LICENCE_KEY', '--json'];
      const ended = await world.type(words, { cwd: api.folder, input: `${secret}\n` });
      expect(ended.json()).toMatchObject({
        config: { secrets: ['LICENCE_KEY'] },
        deployment: { status: 'succeeded', version: 3 },
      });
      expect((await world.ask('api.localhost', '/env?LICENCE_KEY')).text).toBe(secret);
      expect(builds.runs).toEqual([1]);
    });

    test('When the release does not start and prints the secret, Then the reason is told without it', async () => {
      const failed = await world.cliIn(api.folder, 'config', 'set', 'BEHAVIOUR=exits');
      expect(failed.code).toBe(1);
      expect(failed.stdout).toMatch(/failed {2}.*exited with code 3.*LICENCE_KEY is /);
      expect(failed.stdout + failed.stderr).not.toContain(secret);
      expect((await world.target('api', 'production')).release?.version).toBe(3);
      await json('config', 'unset', 'BEHAVIOUR');
      expect((await world.target('api', 'production')).release?.version).toBe(5);
    });

    test('no answer of the API, no log and no event shows the secret', async () => {
      const { client } = world;
      const params = { service: 'api', environment: 'production' };
      const { deployments } = await client.call('listDeployments', {});
      const ledgers = deployments.map(({ deployment }) => client.call('getDeployment', { params: { deployment } }));
      const answers = await Promise.all([
        client.call('status'),
        client.call('getService', { params: { service: 'api' } }),
        client.call('listRuns', {}),
        client.call('getRun', { params: { run: 1 } }),
        client.call('listReleases', { params }),
        client.call('getConfig', { params }),
        client.call('listEvents', { query: { limit: 500 } }),
        ...ledgers,
      ]);
      expect(JSON.stringify(answers)).not.toContain(secret);
      expect(JSON.stringify(answers)).toContain('LICENCE_KEY is ');
      const log = await world.cliIn(api.folder, 'logs');
      expect(log.stdout).toContain('licensed by ');
      expect(log.stdout).not.toContain(secret);
      expect((await world.cliIn(api.folder, 'config', 'show')).stdout).toMatch(/LICENCE_KEY +•••/);
    });

    test('no file shows it but those that the supervisor keeps for itself', async () => {
      const private_ = join(world.data, 'supervisor');
      expect(existsSync(join(private_, 'processes'))).toBe(true);
      expect(statSync(private_).mode & 0o077).toBe(0);
      const others = readdirSync(world.data).filter((name) => name !== 'supervisor');
      expect(await filesWith(secret, [...others.map((name) => join(world.data, name)), api.folder])).toEqual([]);
      // The search finds what is there: the variable that is no secret lies in the database.
      expect(await filesWith('hello world', [join(world.data, 'postgres')])).not.toEqual([]);
      expect((await api.git('config', '--list')).stdout).not.toContain(secret);
    });

    test('When the secret is removed, Then the next release is without it', async () => {
      expect(await json('secret', 'unset', 'LICENCE_KEY')).toMatchObject({
        config: { secrets: [] },
        deployment: { status: 'succeeded', version: 6 },
      });
      expect((await world.ask('api.localhost', '/env?LICENCE_KEY')).text).toBe('');
    });

    test.each([
      ['PORT=1', 'PORT is set by Towpath'],
      ['TOWPATH_RELEASE=v9', 'TOWPATH_RELEASE is set by Towpath'],
      ['2ND=x', '"2ND" is not a name for an environment variable'],
    ])('%s is refused, and no release comes of it', async (pair, message) => {
      const refused = await world.cliIn(api.folder, 'config', 'set', pair);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
      expect((await world.target('api', 'production')).release?.version).toBe(6);
    });

    async function filesWith(text: string, folders: readonly string[]): Promise<string[]> {
      const found = await start('grep', ['-rlaF', '--', text, ...folders], { cwd: world.folder, env: world.env }).ended;
      return found.stdout.split('\n').filter((line) => line !== '');
    }
  });
});
