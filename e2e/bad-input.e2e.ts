import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { start } from './program.ts';
import type { Repository } from './repository.ts';
import { nodeService, serviceJson, staticSite } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a Towpath with a service in production', () => {
    let world: World;
    let api: Repository;

    beforeAll(async () => {
      world = World.create();
      await world.up();
      api = await world.service('api', nodeService());
      await world.ship(api);
    });

    afterAll(async () => {
      expect(await world.who('api.localhost')).toMatchObject({ version: 'v1' });
      await world.end();
    });

    /** What a command says when it fails; it must have a way out. */
    async function refusal(folder: string, ...words: string[]): Promise<string> {
      const ended = await world.cliIn(folder, ...words);
      expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: .+\n→ .+\n$/s) });
      return ended.stderr;
    }

    test('a folder that is no git repository: init names it, and how to make it one', async () => {
      const plain = join(world.folder, 'plain');
      mkdirSync(plain);
      const said = await refusal(plain, 'init');
      expect(said).toContain(`${plain} is not in a git repository`);
      expect(said).toContain('git init');
    });

    test('a repository without a commit: init works, deploy says that nothing was pushed', async () => {
      const empty = await world.service('empty', {});
      expect(await refusal(empty.folder, 'deploy')).toMatch(
        /nothing was pushed to empty yet\n→ .*git push towpath main/,
      );
      expect((await empty.push()).said).toContain('src refspec main does not match any');
    });

    test('an unknown branch: deploy names those that there are', async () => {
      const said = await refusal(api.folder, 'deploy', '--branch', 'nope');
      expect(said).toContain('api has no branch "nope"; it has main');
    });

    test('a commit that was not pushed', async () => {
      expect(await refusal(api.folder, 'deploy', '--commit', 'c0ffee1')).toContain('api has no commit "c0ffee1"');
    });

    test('a branch that belongs to no environment is tested only', async () => {
      await api.git('switch', '--quiet', '--create', 'feature/x');
      await api.commit('Try something', { 'service.json': serviceJson({ version: 'x' }) });
      const pushed = await api.push('feature/x');
      expect(pushed.lines.at(-1)).toMatch(/^✓ #\d+ succeeded/);
      const run = await world.client.call('getRun', { params: { run: pushed.run ?? 0 } });
      expect(run.branch).toBe('feature/x');
      expect(run.stages.map((stage) => stage.kind)).toEqual(['prepare', 'quality', 'unit']);
      expect((await world.who('api-staging.localhost')).version).toBe('v1');
      await api.git('switch', '--quiet', 'main');
    });

    test('two services of one repository, a folder each: each has a remote of its own, and both are served', async () => {
      const repository = await world.repository('pair', {
        ...filesIn('first', nodeService({ version: 'first' })),
        ...filesIn('second', staticSite('second')),
      });
      for (const [folder, remote] of [
        ['first', 'towpath'],
        ['second', 'towpath-second'],
      ] as const) {
        const ended = await world.cliIn(join(repository.folder, folder), 'init', '--json');
        expect(ended.json()).toMatchObject({ service: folder, remote });
      }
      expect((await repository.push('main', 'towpath')).lines.at(-1)).toContain('waits for approval');
      expect((await repository.push('main', 'towpath-second')).lines.at(-1)).toContain('waits for approval');
      expect(await world.who('first-staging.localhost')).toMatchObject({ version: 'first' });
      expect((await world.ask('second-staging.localhost')).text).toContain('Version second');
    });

    test('a package.json that is no JSON: prepare says so, with the file and the place', async () => {
      const broken = await world.service('broken', { ...nodeService(), 'package.json': '{ "name": "broken",\n}\n' });
      const pushed = await broken.push();
      expect(pushed.code).toBe(0);
      expect(pushed.lines.at(-1)).toMatch(/^✗ #\d+ failed: prepare: package\.json .*line 2/);
    });

    test('a repository with nothing to start: prepare says how to tell', async () => {
      const readme = await world.service('readme', { 'README.md': '# Nothing yet\n' });
      const pushed = await readme.push();
      expect(pushed.lines.at(-1)).toMatch(
        /failed: prepare: Which command starts the service\?.*; tell how: towpath service set readme --start "…"/,
      );
    });

    test.each([
      ['status nobody', 'nobody', 'towpath status'],
      ['run 4711', '#4711', 'towpath runs'],
      ['approve 4711', '#4711', 'towpath runs'],
      ['logs 1 deploi', 'run #1 has no stage "deploi"', 'It has prepare, quality, unit, build, deploy/staging'],
      ['releases api --env nowhere', '"nowhere"', 'towpath env'],
      ['rollback api --env production', 'api in production', '--to'],
      ['approve 1', 'run #1 does not wait for an approval: it is succeeded', 'towpath run'],
      ['cancel 1', 'run #1 has ended: succeeded', 'towpath rerun'],
    ])('towpath %s', async (words, message, wayOut) => {
      const said = await refusal(world.folder, ...words.split(' '));
      expect(said).toContain(message);
      expect(said.slice(said.indexOf('→'))).toContain(wayOut);
    });

    test('a word that is no number', async () => {
      const stderr = expect.stringContaining('the run must be a whole number, not "one"');
      expect(await world.cliIn(world.folder, 'run', 'one')).toMatchObject({ code: 2, stderr });
    });

    test('a word that is no verb, an option that is none', async () => {
      expect(await world.cli('stauts')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Did you mean status?'),
      });
      expect(await world.cli('status', '--jsno')).toMatchObject({ code: 2, stderr: expect.stringContaining('--jsno') });
    });

    test('a wrong token: the CLI, the API and git each say so', async () => {
      const env = { TOWPATH_URL: world.is.url, TOWPATH_TOKEN: 'twp_wrong' };
      const ended = await world.type(['status'], { env });
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*token.*\n→ .+\n$/) });
      for (const authorization of ['Bearer twp_wrong', 'Basic eDp5', '']) {
        const answer = await fetch(`${world.is.url}/api/status`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(await answer.json()).toMatchObject({ code: 'unauthorised', status: 401 });
      }
      const push = start('git', ['push', 'towpath', 'main'], { cwd: api.folder, env: { ...world.env, ...env } });
      const { code, stderr } = await push.ended;
      expect(code).not.toBe(0);
      expect(stderr).toContain('Authentication failed');
      expect(stderr).not.toContain('twp_wrong');
    });

    test('somebody who is not logged in is told how to', async () => {
      const nobody = await world.type(['status'], { env: { XDG_CONFIG_HOME: join(world.folder, 'nobody') } });
      expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('you are not logged in') });
    });

    test('up on a port that somebody has names who has it and the way out, and nothing changes', async () => {
      const somebody = createServer().listen(0, '127.0.0.1');
      await once(somebody, 'listening');
      const address = somebody.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const before = await world.pids();
      const said = await refusal(world.folder, 'up', '--data', world.data, '--listen', `127.0.0.1:${port}`);
      expect(said).toMatch(new RegExp(`127.0.0.1:${port} is taken: .*process ${process.pid}`));
      expect(said).toContain('→ Choose another one: towpath up --listen 127.0.0.1:<port>');
      somebody.close();
      expect(await world.pids()).toEqual(before);
    });

    test('down where there is nothing', async () => {
      const nowhere = join(world.folder, 'nowhere');
      expect(await refusal(world.folder, 'down', '--data', nowhere)).toContain(`there is no Towpath in ${nowhere}`);
    });
  });
});

function filesIn(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
