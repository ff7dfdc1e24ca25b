import { expect, test } from 'vitest';
import { complete } from './completion.ts';
import { buildProgram } from './program.ts';

const program = await buildProgram(() => true);
const names = { services: ['api', 'web'], environments: ['production', 'qa'], projects: ['main'] };
let asked = 0;
const words = (...typed: string[]) =>
  complete(program, typed, async () => {
    asked += 1;
    return names;
  });

test.each([
  [['serv'], ['service']],
  [
    ['service', ''],
    ['set', 'show'],
  ],
  [['service', 'show', 'a'], ['api']],
  [
    ['deploy', ''],
    ['api', 'web'],
  ],
  [['deploy', 'api', ''], []],
  [
    ['deploy', '-e', ''],
    ['production', 'qa'],
  ],
  [['deploy', '--env', 'q'], ['qa']],
  [['deploy', '--branch', ''], []],
  [['deploy', '--detach', 'w'], ['web']],
  [
    ['env', 'remove', ''],
    ['production', 'qa'],
  ],
  [['env', 'add', ''], []],
  [['env', '--project', ''], ['main']],
  [['project', 'show', ''], ['main']],
  [['logs', 'w'], ['web']],
  [['completion', 'b'], ['bash']],
  [['nope', ''], []],
])('%j can become %j', async (typed, expected) => {
  expect(await words(...typed)).toEqual(expected);
});

test('options of a command, without asking anybody', async () => {
  asked = 0;
  expect(await words('deploy', '--')).toEqual(['--branch', '--commit', '--detach', '--env', '--json']);
  expect(await words('')).toContain('deploy');
  expect(await words('')).not.toContain('git-credential');
  expect(asked).toBe(0);
});
