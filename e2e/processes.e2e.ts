import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { start } from './program.ts';
import type { Repository } from './repository.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

/** Programs beside the server: each leaves a line in the data folder. */
const programs = {
  'note.js': `const { appendFileSync } = require('node:fs');
module.exports = (line) => appendFileSync(process.env.TOWPATH_DATA + '/notes.txt', line + '\\n');`,
  'migrate.js': `require('./note.js')('migrate ' + process.env.TOWPATH_RELEASE);
console.log('migrated with ' + process.env.TOKEN);`,
  'mailer.js': `const note = require('./note.js');
if (process.env.BREAK === 'mailer') { console.error('no queue'); process.exit(4); }
note('mailer ' + process.env.TOWPATH_RELEASE + ' ' + process.env.PORT);
setInterval(() => {}, 1000);
process.on('SIGTERM', () => { note('mailer stops ' + process.env.TOWPATH_RELEASE); process.exit(0); });`,
  'report.js': `console.log('report of ' + process.env.TOWPATH_RELEASE + ' ' + process.argv.slice(2).join('|'));
process.exit(7);`,
};

withParts(['git', 'proc'], () => {
  describe('Given a service with a worker, a job, a release command and a data folder, live in production', () => {
    let world: World;
    let api: Repository;
    const cli = (...words: string[]) => world.cliIn(api.folder, ...words);
    /** What the programs noted in production, as one of its processes sees it. */
    const noted = async () =>
      (await cli('exec', '--', 'sh', '-c', 'cat "$TOWPATH_DATA/notes.txt"')).stdout.trim().split('\n');

    beforeAll(async () => {
      world = World.create();
      await world.up();
      api = await world.service('api', { ...nodeService(), ...programs });
      await cli('secret', 'set', 'TOKEN=very-secret-token', '-e', 'staging');
      await world.client.call('updateService', {
        params: { service: 'api' },
        body: {
          data: 'storage',
          release: 'node migrate.js',
          processes: {
            mailer: { kind: 'worker', command: 'node mailer.js' },
            report: { kind: 'job', command: 'node report.js' },
          },
        },
      });
      await world.ship(api);
    });

    afterAll(() => world.end());

    test('Then what server, router and supervisor compiled is on disk: whoever is killed starts quickly', () => {
      const compiled = (...folder: string[]) =>
        readdirSync(join(world.data, ...folder, 'compiled'), { recursive: true, withFileTypes: true }).filter((entry) =>
          entry.isFile(),
        ).length;
      const programs = { 'server and router': compiled(), supervisor: compiled('supervisor') };
      // Some 100 modules each of the supervisor and the router, more of the server.
      expect(programs['server and router']).toBeGreaterThan(2 * programs.supervisor);
      expect(programs.supervisor).toBeGreaterThan(50);
    });

    test('Then the release command ran first, and the worker runs without a port', async () => {
      expect(await noted()).toEqual(['migrate v1', 'mailer v1 undefined']);
      expect((await cli('status')).stdout).toMatch(/mailer ✓ 1\/1\s+keeps a data folder/);
    });

    test('Then what the release command printed is in the log of the deploy stage, without the secret', async () => {
      const log = (await cli('logs', '1', 'deploy/staging')).stdout;
      expect(log).toMatch(/release command=node migrate\.js\nmigrated with •••\n/);
    });

    test('When the job is run, Then its output and its exit code are the command’s', async () => {
      const ended = await cli('run-job', 'report', '--', 'a b', 'c');
      expect(ended).toMatchObject({ code: 7, stdout: 'report of v1 a b|c\n' });
      const json = await cli('run-job', 'api', 'report', '--json');
      expect(json.json()).toMatchObject({ process: 'report', status: 'failed', exitCode: 7, text: 'report of v1 \n' });
      expect((await cli('run-job', 'reports')).stderr).toContain('it has report');
    });

    test('When Ctrl-C is typed, Then the job ends with all that it started', async () => {
      const main = join(import.meta.dirname, '../packages/cli/src/main.ts');
      const words = [main, 'exec', '--', 'sh', '-c', 'echo begun; sleep 300 & wait'];
      const typed = start(process.execPath, words, { cwd: api.folder, env: world.env });
      let said = '';
      typed.child.stdout?.on('data', (piece: Buffer) => {
        said += piece.toString();
      });
      await expect.poll(() => said, { timeout: 60_000 }).toBe('begun\n');
      typed.child.kill('SIGINT');
      expect(await typed.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('cancelled by owner') });
    });

    test('When the next version is pushed, Then the old one stops first, and says so before', async () => {
      await api.commit('Second version', { 'new.txt': 'new' });
      const { pushed } = await world.ship(api);
      expect(pushed.said).toContain('what runs stops before the new release starts');
      expect(await noted()).toEqual([
        'migrate v1',
        'mailer v1 undefined',
        'mailer stops v1',
        'migrate v2',
        'mailer v2 undefined',
      ]);
    });

    test('When a worker ends at once, Then the release goes and the one before is back, workers too', async () => {
      const failed = await cli('config', 'set', 'BREAK=mailer');
      expect(failed.code).toBe(1);
      expect(failed.stdout).toMatch(/rolled back.*mailer: exited with code 4.*no queue/s);
      expect((await world.target('api', 'production')).release?.version).toBe(2);
      await expect.poll(async () => (await noted()).at(-1), { timeout: 60_000 }).toBe('mailer v2 undefined');
      expect((await world.ask('api.localhost', '/')).status).toBe(200);
    });

    test('When the worker is scaled, Then so many of it run', async () => {
      await cli('scale', '2', 'api', '-p', 'mailer');
      expect((await cli('status')).stdout).toMatch(/mailer ✓ 2\/2/);
    });

    test('When a service of workers only is shipped, Then no address is told that nobody would answer at', async () => {
      const files = { Procfile: 'mailer: node mailer.js\n', 'mailer.js': 'setInterval(() => {}, 1000);\n' };
      const { pushed } = await world.ship(await world.service('queue', files));
      expect(pushed.said).toContain('✓ deploy staging');
      expect(pushed.said).not.toContain('queue-staging.localhost');
      expect((await world.target('queue', 'production')).workers).toEqual({ mailer: 1 });
    });

    test('When Towpath goes and comes back, Then what was kept is there', async () => {
      await world.down();
      for (const environment of ['1', '2']) {
        const file = join(world.data, 'server/data/1', environment, 'notes.txt');
        expect(readFileSync(file, 'utf8')).toContain('migrate v1');
      }
      await world.up();
      expect((await noted()).slice(0, 2)).toEqual(['migrate v1', 'mailer v1 undefined']);
    });
  });
});
