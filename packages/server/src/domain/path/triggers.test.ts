import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches, wantsRun } from './triggers.ts';

describe('patterns', () => {
  test.each<[patterns: string[], text: string, taken: boolean]>([
    [['main'], 'main', true],
    [['main'], 'main2', false],
    [['release/*'], 'release/1.0', true],
    [['release/*'], 'release/1.0/fix', false],
    [['release/**'], 'release/1.0/fix', true],
    [['*'], 'feature/a', false],
    [['**'], 'feature/a', true],
    [['v?'], 'v1', true],
    [['v?'], 'v12', false],
    [['a?b'], 'a/b', false],
    [['services/api/**'], 'services/api/src/a.ts', true],
    [['services/api/**'], 'services/api', false],
    [['services/api/**'], 'services/apis/a', false],
    [['**/package.json'], 'package.json', true],
    [['**/package.json'], 'a/b/package.json', true],
    [['**/package.json'], 'a/xpackage.json', false],
    [['a/**/b'], 'a/b', true],
    [['a/**/b'], 'a/x/y/b', true],
    [['**/*.ts'], 'a/.hidden/b.ts', true],
    [['app/[id]/page.tsx'], 'app/[id]/page.tsx', true],
    [['app/[id]/page.tsx'], 'app/i/page.tsx', false],
    [['*.{js,ts}'], 'a.ts', false],
    [['.*'], 'ab', false],
    [['src/**', '!src/docs/**'], 'src/docs/a.md', false],
    [['src/**', '!src/docs/**', 'src/docs/api/**'], 'src/docs/api/a.md', true],
    [['!docs/**'], 'src/a', true],
    [['!docs/**'], 'docs/a', false],
    [['😀?'], '😀😀', true],
  ])('%j takes %s: %s', (patterns, text, taken) => {
    expect(matches(patterns, text)).toBe(taken);
  });

  test('a text without signs takes itself alone, ** everything', () => {
    const plain = fc.string().map((text) => text.replaceAll(/[*?!]/g, ''));
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        expect(matches([one], other)).toBe(one === other);
        expect(matches(['**'], other)).toBe(true);
        expect(matches([`${one}**`], `${one}${other}`)).toBe(true);
      }),
    );
  });

  test('of any signs cost little', () => {
    const began = performance.now();
    matches(['**/'.repeat(83)], 'a/'.repeat(2_000));
    matches([`${'**a'.repeat(83)}b`], 'a'.repeat(4_000));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('wantsRun', () => {
  const triggers = { branches: ['main', 'release/*'], paths: ['services/api/**'], tags: ['v*'] };
  const api = ['services/api/a.ts'];

  test.each([
    ['every branch without triggers', undefined, { branch: 'x', changedPaths: [] }, true, 'every branch starts a run'],
    [
      'no tag without triggers',
      undefined,
      { tag: 'v1', changedPaths: null },
      false,
      'no tag starts a run; triggers.tags names those that do',
    ],
    [
      'a branch that is named',
      { branches: ['main'] },
      { branch: 'main', changedPaths: null },
      true,
      'branch main matches triggers.branches',
    ],
    [
      'a branch that is not named',
      triggers,
      { branch: 'docs', changedPaths: api },
      false,
      'branch docs is not in triggers.branches (main, release/*)',
    ],
    [
      'a path that is named',
      triggers,
      { branch: 'main', changedPaths: ['a', ...api] },
      true,
      'services/api/a.ts matches triggers.paths',
    ],
    [
      'no path that is named',
      triggers,
      { branch: 'main', changedPaths: ['a', 'b'] },
      false,
      'none of 2 changed files is in triggers.paths (services/api/**)',
    ],
    [
      'one path that is not named',
      triggers,
      { branch: 'main', changedPaths: ['a'] },
      false,
      'the one changed file is not in triggers.paths (services/api/**)',
    ],
    ['unknown changes', triggers, { branch: 'main', changedPaths: null }, true, 'what changed is not known'],
    [
      'a tag that is named, whatever changed',
      triggers,
      { tag: 'v1.2', changedPaths: [] },
      true,
      'tag v1.2 matches triggers.tags',
    ],
    ['a tag that is not named', triggers, { tag: 'x', changedPaths: [] }, false, 'tag x is not in triggers.tags (v*)'],
  ])('%s', (_what, given, pushed, run, reason) => {
    expect(wantsRun(given, pushed)).toEqual({ run, reason });
  });
});
