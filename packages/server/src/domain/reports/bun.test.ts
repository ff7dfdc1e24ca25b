import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

const difference =
  '  {\n    "a": 1,\n    "b": [\n      1,\n-     3,\n+     2,\n    ],\n  }\n\n- Expected  - 1\n+ Received  + 1';
const failures = [
  {
    name: 'cart › with items › adds an item',
    message: 'expect(received).toBe(expected)\n\nExpected: 3\nReceived: 2',
    at: '/srv/shop/src/cart.test.ts:6',
  },
  {
    name: 'cart › throws',
    message: 'TypeError: no such price\nas a second line says',
    at: '/srv/shop/src/cart.test.ts:11',
  },
  { name: 'deep', message: `expect(received).toEqual(expected)\n\n${difference}`, at: '/srv/shop/src/price.test.ts:6' },
];

describe('bun test', () => {
  it.each(['bun.txt', 'bun-colour.txt'])('reads %s, with a file that cannot be loaded', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'bun',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message: "Cannot find module './absent.ts' from '/srv/shop/src/broken.test.ts'",
          at: null,
        },
        ...failures,
      ],
      moreFailures: 0,
    });
  });

  it('counts what it sees where --bail leaves the counts out', () => {
    expect(read(printed('bun-bail.txt'))).toEqual({
      tool: 'bun',
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: failures.slice(0, 1),
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('bun-passed.txt'))).toMatchObject({
      tool: 'bun',
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
    });
  });

  it('takes numbers that a test prints for what they are', () => {
    const [before = '', after = ''] = printed('bun-passed.txt').split('(pass)');
    expect(read(`${before} 9 fail\n(pass)${after}`)).toMatchObject({ passed: 1, failed: 0 });
  });
});
