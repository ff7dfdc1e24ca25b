import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Branch, EnvironmentInput, EnvironmentPatch } from './environments.ts';

describe('a branch', () => {
  test.each(['main', 'feature/x-1', 'release/2.0', 'größe', '#42', 'a@b', "o'neil", '$(id)'])('%s is one', (name) => {
    expect(Branch.parse(name)).toBe(name);
  });

  test.each([
    ['', 'a branch has a name'],
    ['a b', 'no blanks'],
    ['a\nb', 'no blanks'],
    ['\u001b[2J', 'no blanks'],
    ['a..b', 'no ".."'],
    ['a@{1}', '"@{"'],
    ['a//b', '"//"'],
    ['a/.b', '"/."'],
    ['-f', 'at the beginning'],
    ['/a', 'at the beginning'],
    ['a/', 'at the end'],
    ['a.lock', 'at the end'],
    ['a.lock/b', 'at the end'],
    ['@', 'at the beginning'],
    ['refs*', 'no blanks'],
    ['x'.repeat(251), 'at most 250'],
  ])('%j is none', (name, why) => {
    expect(Branch.safeParse(name).error?.issues[0]?.message).toContain(why);
  });

  test('whatever is given, it is taken or refused with one reason, without a blank or a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0x2ff).map((code) => String.fromCharCode(code)) }), (name) => {
        const { success, error } = Branch.safeParse(name);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in it
        if (success) expect(name).not.toMatch(/[\u0000-\u0020\u007f]/);
        else expect(error.issues).toHaveLength(1);
      }),
    );
  });
});

test('a new environment deploys what is pushed to the main branch of each service', () => {
  expect(EnvironmentInput.parse({ name: 'qa' })).toEqual({
    name: 'qa',
    branch: null,
    deploy: 'auto',
    approvalMs: 604_800_000,
  });
});

test.each([
  [{ approvalMs: 1_000 }, 'at least a minute'],
  [{ approvalMs: 400 * 86_400_000 }, 'at most 365 days'],
  [{ deploy: 'sometimes' }, 'auto'],
  [{ after: 'No Name' }, 'lower-case'],
])('%j is refused', (patch, why) => {
  expect(EnvironmentPatch.safeParse(patch).error?.issues[0]?.message).toContain(why);
});
