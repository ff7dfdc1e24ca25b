import { expect, test } from 'vitest';
import { ServiceSettings } from '../path/settings.ts';
import { commandsOf, releaseCommands, runsWith } from './commands.ts';

const settings = ServiceSettings.parse({
  install: 'pnpm install',
  quality: { lint: 'pnpm lint' },
  test: false,
  start: 'node server.js',
  processes: { mailer: { command: 'python3 mail.py' } },
});
const toolchain = (name: string) => ({ name, version: '1', place: '', bin: '/b', program: '/b/x', env: {} });

test('the commands of all stages, and those of releases', () => {
  expect(commandsOf(settings)).toEqual(['pnpm install', 'pnpm lint', 'node server.js', 'python3 mail.py']);
  expect(releaseCommands(settings)).toEqual(['node server.js', 'python3 mail.py']);
});

test('a release keeps what it runs with: no compiler, no package manager that nobody calls, and nothing for pages', () => {
  const all = ['node', 'go', 'pnpm', 'java'].map(toolchain);
  const kept = (commands: readonly string[]) => runsWith(all, commands).map(({ name }) => name);
  expect(kept(['./run.sh'])).toEqual(['node', 'java']);
  expect(kept(['go run .', 'pnpm start'])).toEqual(['node', 'go', 'pnpm', 'java']);
  expect(kept([])).toEqual([]);
});
