import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { type Ended, start } from './program.ts';
import { readReadme } from './readme.ts';
import { nodeService, serviceJson } from './templates.ts';
import { World } from './world.ts';

const launcher = fileURLToPath(new URL('../towpath', import.meta.url));
const { screen, lines, verbs } = readReadme();

/** Lines of its blocks that are not typed here, and why. */
const elsewhere = ['scripts/test', 'cd ~/your-service'];
/** What somebody has done before. */
const before: Readonly<Record<string, string>> = {
  'towpath teardown api -e qa': 'git push --quiet towpath main:develop',
};
/** What a person types when asked. */
const answers: Readonly<Record<string, string>> = { 'towpath teardown api -e qa': 'api/qa' };

withParts(['git', 'proc'], () => {
  describe('Given somebody who has the README and a service, and types what it says', () => {
    let world: World;
    let service: string;

    /** Types a line in the service's folder; with an answer, in a terminal of its own. */
    const type = (line: string): Promise<Ended> => {
      const where = { cwd: service, env: world.env };
      const answer = answers[line];
      if (answer === undefined) return start('bash', ['-c', line], where).ended;
      return start('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
        ...where,
        input: `${answer}\n`,
      }).ended;
    };

    const succeeds = async (line: string) => {
      const { code, stdout, stderr } = await type(line);
      expect({ line, code, said: code === 0 ? '' : stdout + stderr }).toEqual({ line, code: 0, said: '' });
      return stdout + stderr;
    };

    beforeAll(async () => {
      world = World.create();
      world.env.TOWPATH_DATA = world.data;
      // What the launcher installed for this tree is what it would install again.
      world.env.npm_config_cache = process.env.npm_config_cache ?? join(homedir(), '.npm');
      const bin = join(world.folder, 'bin');
      mkdirSync(bin);
      symlinkSync(launcher, join(bin, 'towpath'));
      world.env.PATH = `${bin}:${world.env.PATH}`;
      // The addresses that it names may be in use on this machine: the rest is as typed.
      await world.up();
      const files = { ...nodeService({ test: 'node --test', build: 'true' }), ...extras };
      service = (await world.repository('api', files)).folder;
      writeFileSync(join(service, 'file'), 'a secret\n');
    });

    afterAll(() => world.end());

    const typed = lines.filter((line) => !elsewhere.includes(line));

    test.each(typed.map((line) => [line]))('%s', async (line) => {
      if (line.startsWith('./towpath demo')) expect(await demo(world)).toMatch(/\d+ requests to production, 0 failed/);
      else if (line.startsWith('./')) await succeeds(`cd ${dirname(launcher)} && ${line}`);
      else await succeeds(line);
    });

    test('the screen that it begins with is what is printed', async () => {
      // As its own tests are: the line before this told how to name others.
      await succeeds('towpath service set api --test "node --test" --health /');
      await succeeds('git commit --quiet --allow-empty --message "In between" && git push --quiet towpath main');
      await succeeds('towpath approve 2 && towpath wait 2');
      writeFileSync(join(service, 'service.json'), serviceJson({ version: 'v2' }));
      await succeeds('git commit --quiet --all --message "Second version of api"');
      for (const { command, printed } of screen) {
        const said = (await succeeds(command)).split('\n').map((line) => line.trimEnd());
        const shown = said.filter((line) => line.startsWith('remote: ') && !/^remote: +●/.test(line));
        if (printed.length > 0) expect(shown.map(timeless)).toEqual(printed.map(timeless));
      }
      await succeeds('towpath wait 3');
    });

    test.each(verbs.map((line) => [line]))('%s', async (line) => {
      const done = before[line];
      if (done !== undefined) await succeeds(done);
      await succeeds(line);
    });
  });
});

/**
 * In a folder of its own, and ended behind itself: it is the same story. Without Go, whose library would be compiled for it: another story
 * ships that example.
 */
async function demo(world: World): Promise<string> {
  const { TOWPATH_DATA: _, ...env } = world.env;
  const has = (folder: string, program: string) => existsSync(join(folder, program));
  const folders = (env.PATH ?? '').split(':').filter((folder) => has(folder, 'git') || !has(folder, 'go'));
  env.PATH = folders.join(':');
  const words = ['demo', '--exit', '--data', join(world.folder, 'demo')];
  const { code, stdout, stderr } = await start(launcher, words, { cwd: world.folder, env }).ended;
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  return stdout;
}

/** Without what differs from one time to the next: commit, durations, counts of tests, dates, the router's port. */
const timeless = (line: string): string =>
  line
    .replace(/#3 [0-9a-f]{7}/, '#3 <commit>')
    .replace(/\d+\.\d s/, '<time>')
    .replace(/<time>: \d+ passed$/, '<time>')
    .replace(/until .* UTC/, 'until <time>')
    .replace(/localhost:\d+/, 'localhost:<port>');

const extras = {
  Procfile: 'web: node server.js\nreport: node report.js\n',
  'towpath.yaml': 'processes:\n  report: { kind: job, command: node report.js }\n',
  'report.js': "console.log('a report');\n",
  'tool.js': "console.log('a tool');\n",
  'server.test.js': "require('node:test').test('counts', () => {});\n",
};
