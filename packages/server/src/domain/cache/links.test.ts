import { describe, expect, it } from 'vitest';
import { reached } from './links.ts';
import {
  a,
  type Files,
  type Name,
  npm,
  npmLock,
  pnpm,
  pnpmLock,
  read,
  recipe,
  refusal,
  root,
} from './testing/workspaces.ts';

describe('the lock file', () => {
  it.each<[string, Name, Files, RegExp]>([
    [
      'a folder that is no member',
      'npm',
      { 'package-lock.json': npmLock({ x: {}, 'node_modules/x': { resolved: 'x', link: true } }) },
      /links to folders of the repository that are not its workspaces/,
    ],
    [
      'a folder out of the repository',
      'npm',
      { 'package-lock.json': npmLock({ 'node_modules/x': { resolved: '../x', link: true } }) },
      /links to folders/,
    ],
    [
      'a package in another folder',
      'npm',
      { 'package-lock.json': npmLock({ 'src/node_modules/x': {} }) },
      /links to folders/,
    ],
    [
      'a package further up',
      'npm',
      { 'package-lock.json': npmLock({ 'node_modules/../../x': {} }) },
      /links to folders/,
    ],
    ['too few', 'npm', { 'apps/new/package.json': { name: 'new' } }, /does not name every workspace/],
    [
      'two of one name',
      'npm',
      { 'apps/web/package.json': a, 'package-lock.json': npmLock({ 'node_modules/web': {} }) },
      /does not name every workspace/,
    ],
    ['an old form', 'npm', { 'package-lock.json': { lockfileVersion: 1, dependencies: {} } }, /not of the form/],
    [
      'a folder that is no member',
      'pnpm',
      { 'pnpm-lock.yaml': pnpmLock.replace('packages/a: {}', 'x: {}') },
      /links to folders/,
    ],
    [
      'a folder out of the repository',
      'pnpm',
      { 'pnpm-lock.yaml': pnpmLock.replace('../../packages/a', '../../../a') },
      /links to folders/,
    ],
    [
      'an absolute folder',
      'pnpm',
      { 'pnpm-lock.yaml': pnpmLock.replace('../../packages/a', '/etc') },
      /links to folders/,
    ],
    ['the root', 'pnpm', { 'pnpm-lock.yaml': pnpmLock.replace('../../packages/a', '../..') }, /links to folders/],
    ['a folder for all', 'pnpm', { 'pnpm-lock.yaml': `${pnpmLock}\noverrides:\n  x: link:./x\n` }, /links to folders/],
    [
      'a packed folder',
      'pnpm',
      { 'pnpm-lock.yaml': pnpmLock.replace('link:../../packages', 'file:packages') },
      /names folders or files/,
    ],
    ['too few', 'pnpm', { 'apps/new/package.json': { name: 'new' } }, /does not name every workspace/],
  ])('names %s: nothing of %s is kept', (_what, name, more, why) => {
    expect(read(name, { ...(name === 'npm' ? npm : pnpm), ...more })).toEqual(refusal(why));
  });

  it('agrees with any patterns for the same members', () => {
    expect(recipe('npm', { ...npm, 'package.json': { ...root, workspaces: ['apps/*', 'packages/a'] } }).linked).toEqual(
      recipe('npm', npm).linked,
    );
  });
});

it.each<[string, string, string | null]>([
  ['apps/web', '../../packages/a', 'packages/a'],
  ['.', './x//y/', 'x/y'],
  ['a', '..', '.'],
  ['a', '../..', null],
  ['a', '/etc', null],
  ['.', '../a', null],
])('from %s %s leads to %s', (from, path, to) => expect(reached(from, path)).toBe(to));
