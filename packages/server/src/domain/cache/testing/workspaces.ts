import { expect } from 'vitest';
import type { NoRecipe, Recipe } from '../kind.ts';
import { recipeOf } from '../recipe.ts';
import { commitOf } from './commit.ts';

export type Files = Readonly<Record<string, string | object>>;

export const web = { name: 'web', version: '1.0.0', dependencies: { '@s/a': '1.0.0' } };
export const a = { name: '@s/a', version: '1.0.0', bin: { tool: 'cli.js', later: './dist/later.js' } };
const members: Files = { 'apps/web/package.json': web, 'packages/a/package.json': a, 'packages/a/cli.js': '' };
export const npmLock = (more: object = {}) => ({
  lockfileVersion: 3,
  packages: {
    '': {},
    'apps/web': web,
    'packages/a': a,
    'node_modules/web': { resolved: 'apps/web', link: true },
    'node_modules/@s/a': { resolved: 'packages/a', link: true },
    'node_modules/b': { version: '2.0.0' },
    'packages/a/node_modules/b': { version: '1.0.0' },
    ...more,
  },
});
export const root = { name: 'top', private: true, workspaces: ['apps/*', 'packages/*'] };
export const npm: Files = { ...members, 'package.json': root, 'package-lock.json': npmLock() };
export const yarn: Files = { ...members, 'package.json': root, 'yarn.lock': '# yarn lockfile v1\n' };
export const pnpmLock = `lockfileVersion: '9.0'

importers:

  .: {}

  apps/web:
    dependencies:
      '@s/a':
        specifier: workspace:*
        version: link:../../packages/a

  packages/a: {}

packages:
`;
export const pnpm: Files = {
  ...members,
  'package.json': { name: 'top' },
  'pnpm-workspace.yaml': 'packages: [apps/*, "packages/*"]\n',
  'pnpm-lock.yaml': pnpmLock,
};
const commands = {
  npm: 'npm ci',
  yarn: 'yarn install --frozen-lockfile',
  pnpm: 'pnpm install --frozen-lockfile',
  bun: 'bun install --frozen-lockfile',
} as const;
export type Name = keyof typeof commands;
export const workspaces: readonly [Name, Files][] = [
  ['npm', npm],
  ['yarn', yarn],
  ['pnpm', pnpm],
];

export function read(
  name: Name,
  files: Files,
  { folder = '.', unready = [] as string[] } = {},
): Recipe | NoRecipe | null {
  return recipeOf(commands[name], { commit: commitOf(files, unready), folder });
}

export function recipe(...asked: Parameters<typeof read>): Recipe {
  const found = read(...asked);
  if (found === null || 'refused' in found) throw new Error(JSON.stringify(found));
  return found;
}

export const refusal = (why: RegExp) => ({ refused: expect.stringMatching(why) });
