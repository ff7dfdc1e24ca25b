import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Repository } from './repository.ts';
import { nodeService, serviceJson } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a service with staging and production', () => {
    let world: World;
    let api: Repository;
    const json = async (...words: string[]) => (await world.cliIn(api.folder, ...words, '--json')).json();
    const change = (version: string) => api.commit(`Version ${version}`, { 'service.json': serviceJson({ version }) });
    const push = async (branch: string) => {
      const { run, said } = await api.push(branch);
      if (run === null) throw new Error(`the push began no run:\n${said}`);
      return world.waitFor(run);
    };
    const names = async () => {
      const { environments } = await world.client.call('listEnvironments', { params: { project: 'main' } });
      return environments.map((each) => each.name);
    };

    beforeAll(async () => {
      world = World.create();
      await world.up();
      api = await world.service('api', nodeService());
    });

    afterAll(() => world.end());

    test('When qa is added on develop and develop is pushed, Then it is served there and nowhere else', async () => {
      const added = await world.cliIn(api.folder, 'env', 'add', 'qa', '--branch', 'develop');
      expect(added.stdout).toMatch(/qa is added\n.*qa {2}develop {2}auto {2}nothing live/);
      await api.git('switch', '--create', 'develop');
      await change('next');
      expect(await push('develop')).toMatchObject({ status: 'succeeded', branch: 'develop' });
      expect(await world.who('api-qa.localhost')).toMatchObject({ version: 'next', release: 'v1' });
      expect((await world.ask('api-staging.localhost')).status).toBe(404);
      expect((await world.cliIn(api.folder, 'env')).stdout).toMatch(/^qa +develop +auto +api v1$/m);
    });

    test('When production is set to auto, Then a push to main gets there without an approval', async () => {
      await json('env', 'set', 'production', 'deploy=auto');
      await api.git('switch', 'main');
      const { stages } = await push('main');
      expect(stages.map((each) => each.name)).not.toContain('approval production');
      expect(await world.who('api.localhost')).toMatchObject({ version: 'v1', release: 'v1' });
      expect(await world.who('api-staging.localhost')).toMatchObject({ version: 'v1' });
      expect(await world.who('api-qa.localhost')).toMatchObject({ version: 'next' });
    });

    test('When qa is to be torn down without a yes, Then it is told what goes, and nothing does', async () => {
      const asked = await world.type(['teardown', '-e', 'qa'], { cwd: api.folder, input: 'api/qa\n' });
      expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('api/qa is not confirmed') });
      expect(asked.stdout).toMatch(/^api\/qa\n {2}removes {2}v1 of api\/qa with 1 replica\n/);
      expect(await world.who('api-qa.localhost')).toMatchObject({ version: 'next' });
    });

    test('When qa is torn down, Then its address is nobody’s, and the others serve on', async () => {
      const unknown = await world.ask('nobody.localhost');
      expect(await json('teardown', '-e', 'qa', '--yes')).toMatchObject({ cause: 'teardown', status: 'succeeded' });
      const answer = await world.ask('api-qa.localhost');
      expect([answer.status, answer.text.replaceAll('api-qa', 'nobody')]).toEqual([unknown.status, unknown.text]);
      expect(await world.target('api', 'qa')).toMatchObject({ release: null, running: [], deployment: null });
      expect(await world.who('api.localhost')).toMatchObject({ version: 'v1' });
    });

    test('When develop is pushed again, Then qa is there again', async () => {
      await api.git('switch', 'develop');
      await change('again');
      expect((await push('develop')).status).toBe('succeeded');
      expect(await world.who('api-qa.localhost')).toMatchObject({ version: 'again', release: 'v2' });
    });

    test('When qa is removed, Then with what is live only if that is said, and a push is tested only', async () => {
      const refused = await world.cliIn(api.folder, 'env', 'remove', 'qa', '--yes');
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('env remove qa --teardown') });
      expect(await json('env', 'remove', 'qa', '--teardown', '--yes')).toMatchObject({ removed: true });
      expect(await names()).toEqual(['staging', 'production']);
      expect((await world.ask('api-qa.localhost')).status).toBe(404);
      await change('untold');
      expect((await push('develop')).stages.map((each) => each.name)).toEqual(['prepare', 'quality', 'unit']);
      const gone = await world.cliIn(api.folder, 'deploy', '-e', 'qa');
      expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('it has staging, production') });
    });
  });
});
