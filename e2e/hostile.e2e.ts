import { randomBytes } from 'node:crypto';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from '@towpath/cli/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { succeed } from './program.ts';
import type { Pushed, Repository } from './repository.ts';
import { type Files, nodeService, serviceJson, staticSite } from './templates.ts';
import { World } from './world.ts';

/** What a terminal would obey, but colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is looked for.
const obeyed = /\x1b\]|\x1b\[[0-9;?]*[^0-9;?m]|[\x00-\x08\x7f\u202a-\u202e]/;

withParts(['git', 'proc'], () => {
  describe('Given a service in production that answers requests, and people who push what they should not', () => {
    let world: World;
    let api: Repository;
    let load: Load;
    let pid: number;

    beforeAll(async () => {
      world = World.create();
      await world.up('--max-push', '2Mi');
      api = await world.service('api', nodeService());
      await world.ship(api);
      pid = (await world.who('api.localhost')).pid;
      const target = { host: 'api.localhost', path: '/', body: { path: '/', json: '{}' }, stream: null };
      load = new Load(world.is.routerUrl, [target], 50);
      load.start();
    });

    afterAll(async () => {
      const count = await load?.stop();
      await world.end();
      expect(count).toMatchObject({ failed: 0, failures: [] });
      expect(count.total).toBeGreaterThan(100);
    });

    /** A service of these files, with what `change` does to the repository before the push. */
    async function pushed(
      name: string,
      files: Files,
      change: (repository: Repository) => Promise<void> | void = () => {},
    ) {
      const repository = await world.service(name, files);
      await change(repository);
      await repository.commit('More');
      return repository.push();
    }

    const last = (push: Pushed): string => push.lines.at(-1) ?? '';

    test('When a push is huge, Then it is refused with the limit, and the branch does not move', async () => {
      const push = await pushed('huge', nodeService(), ({ folder }) => {
        writeFileSync(join(folder, 'video'), randomBytes(3_000_000));
      });
      expect(push.code).toBe(1);
      expect(push.lines, push.said).toContain('Towpath takes pushes of up to 2 MiB, and this one is larger.');
      expect(push.lines.join('\n')).toContain('towpath up --max-push');
      expect((await world.client.call('listRuns', { query: { service: 'huge' } })).runs).toEqual([]);
    });

    test('When a folder is called .., Then the push is refused', async () => {
      const where = { cwd: api.folder, env: world.env };
      const mktree = async (input: string) => (await succeed('git', ['mktree'], { ...where, input })).stdout.trim();
      const blob = (await api.git('hash-object', '-w', 'server.js')).stdout.trim();
      const tree = await mktree(`040000 tree ${await mktree(`100755 blob ${blob}\tconfig\n`)}\t..\n`);
      const commit = (await api.git('commit-tree', tree, '-m', 'Out')).stdout.trim();
      const { code, said } = await api.push(`${commit}:refs/heads/out`);
      expect(code).toBe(1);
      expect(said).toContain("contains '..'");
    });

    test('When a commit is ten thousand million files, Then its run fails with the limit', async () => {
      const where = { cwd: api.folder, env: world.env };
      let entry = `100644 blob ${(await api.git('hash-object', '-w', 'server.js')).stdout.trim()}`;
      for (let depth = 0; depth < 10; depth++) {
        const input = Array.from({ length: 10 }, (_, at) => `${entry}\tn${at}\n`).join('');
        entry = `040000 tree ${(await succeed('git', ['mktree'], { ...where, input })).stdout.trim()}`;
      }
      const commit = (await api.git('commit-tree', entry.split(' ')[2] ?? '', '-m', 'Many')).stdout.trim();
      const push = await api.push(`${commit}:refs/heads/many`);
      expect(last(push)).toMatch(/failed: prepare: [0-9a-f]{7} has more files than a commit may have: 1000000\. Keep/);
    });

    test('When the folder to serve is a link to the machine, Then it is not served', async () => {
      const push = await pushed('link', staticSite(), ({ folder }) => {
        rmSync(join(folder, 'index.html'));
        symlinkSync('/etc', join(folder, 'public'));
        writeFileSync(join(folder, 'towpath.yaml'), 'static: public\n');
      });
      expect(last(push)).toMatch(/failed: build: "public" leads out of the repository, by a link/);
    });

    test('When package.json has 50 MB, Then prepare says so', async () => {
      const push = await pushed('large', nodeService(), ({ folder }) => {
        writeFileSync(join(folder, 'package.json'), `{"name": "large"}${' '.repeat(50_000_000)}`);
      });
      expect(last(push)).toContain('failed: prepare: package.json is larger than 1048576 bytes. Nobody writes');
    });

    test('When there are a submodule, an LFS pointer and files that differ only in case, Then they are what they are', async () => {
      const files = {
        ...nodeService(),
        '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
        'large.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n',
        'Read.me': '1',
        'read.me': '2',
      };
      const tests = 'test "$(cat Read.me read.me)" = 12 && test -z "$(ls library)" && grep -q git-lfs large.bin';
      const push = await pushed('mixed', { ...files, ...nodeService({ test: tests }) }, async (repository) => {
        const library = '[submodule "library"]\n\tpath = library\n\turl = /etc\n';
        writeFileSync(join(repository.folder, '.gitmodules'), library);
        await repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},library`);
        await repository.git('add', '.gitmodules');
        await repository.git('commit', '--quiet', '--message', 'Library');
        // What is not in the work tree must not be taken for removed.
        await repository.git('update-index', '--skip-worktree', 'library');
      });
      expect(last(push)).toContain('waits for approval');
    });

    test('When a build leaves a named pipe, Then it is named, and nothing is deployed', async () => {
      const push = await pushed('pipe', nodeService({ build: 'mkfifo pipe && mkdir shut && chmod 0 shut' }));
      expect(last(push)).toContain('failed: build: "pipe" is a named pipe');
    });

    test('When names and messages hold what a terminal obeys, Then no command of Towpath prints it', async () => {
      const evil = '\u001b]0;owned\u0007\u001b[2J\u202e';
      const files = nodeService({ test: 'ls' });
      const push = await pushed('terminal', { ...files, [`a\n${evil}.txt`]: '' }, async (repository) => {
        await repository.git('commit', '--quiet', '--allow-empty', '--author', `Eve${evil} <e@x>`, '-m', `Hi ${evil}`);
        await repository.git('push', '--quiet', 'towpath', 'main:refs/heads/--upload-pack=touch');
        await repository.git('commit', '--quiet', '--amend', '--allow-empty', '--reset-author', '-m', `Hi ${evil}`);
      });
      const { runs } = await world.client.call('listRuns', { query: { service: 'terminal' } });
      expect(runs.map((run) => run.branch)).toContain('--upload-pack=touch');
      const words = [['status'], ['runs'], ['run', `${push.run}`], ['logs', `${push.run}`], ['path', 'terminal']];
      for (const each of words) {
        const { code, stdout, stderr } = await world.cli(...each);
        expect(code, `${each}: ${stderr}`).toBe(0);
        expect(`${stdout}${stderr}`).not.toMatch(obeyed);
      }
      expect(push.said).not.toMatch(obeyed);
    });

    test('Then the service is what it was all the while, and its next version comes live', async () => {
      expect((await world.who('api.localhost')).pid).toBe(pid);
      await api.commit('Second version', { 'service.json': serviceJson({ version: 'v2' }) });
      await world.ship(api);
      expect(await world.who('api.localhost')).toMatchObject({ version: 'v2' });
      expect((await world.cli('doctor')).code).toBe(0);
    });
  });
});
