import { describe, expect, it } from 'vitest';
import { gitEnvironment, isNewEnough } from './git.ts';
import { gitConfig } from './home.ts';
import { isRefName } from './refs.ts';

describe('git', () => {
  it.each([
    ['git version 2.29.9', false],
    ['git version 2.30.0', true],
    ['git version 2.39.5 (Apple Git-154)', true],
    ['git version 2.100.1', true],
    ['git version 3.0', true],
    ['git version 1.99', false],
    ['something else', false],
  ])('%s is new enough: %j', (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
  });

  it('sees an environment of its own', () => {
    const own = { PATH: '/bin', GIT_DIR: '/elsewhere', TOWPATH_PROCESS: 'mark' };
    expect(gitEnvironment('/home-of-git', own)).toEqual({
      PATH: '/bin',
      HOME: '/home-of-git',
      XDG_CONFIG_HOME: '/home-of-git',
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOC_LIMIT: '640m',
      TOWPATH_PROCESS: 'mark',
    });
    expect(gitEnvironment('/home-of-git', {})).not.toHaveProperty('TOWPATH_PROCESS');
  });

  it('reads a configuration that no folder name can add to', () => {
    expect(gitConfig('/a "b\\c', 1)).toContain('hooksPath = "/a \\"b\\\\c"\n');
  });
});

describe('the name of a ref', () => {
  it.each(['main', 'feature/x', 'ä-🚀', '-x', 'a@b', '@', 'HEAD', '$(x)', 'a.b', "it's"])('may be %j', (name) => {
    expect(isRefName(name)).toBe(true);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a..b',
    'a.',
    'a b',
    'a\n',
    'a\0',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a@{1}',
    '\ud800',
    'x'.repeat(2_000),
  ])('is not %j', (name) => {
    expect(isRefName(name)).toBe(false);
  });
});
