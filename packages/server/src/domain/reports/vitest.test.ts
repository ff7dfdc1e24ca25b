import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('Vitest', () => {
  it.each(['vitest5.txt', 'vitest5-colour.txt', 'vitest5-verbose.txt', 'vitest5-dot.txt', 'vitest4.txt'])(
    'reads %s',
    (name) => {
      expect(read(printed(name))).toEqual({
        tool: 'vitest',
        passed: 2,
        failed: 4,
        skipped: 2,
        failures: [
          {
            name: 'src/broken.test.ts',
            message: "Error: Cannot find module './nowhere.ts' imported from /srv/shop/src/broken.test.ts",
            at: 'src/broken.test.ts:1',
          },
          {
            name: 'cart › with items › adds an item',
            message: 'AssertionError: expected 2 to be 3 // Object.is equality\n\n- Expected\n+ Received\n\n- 3\n+ 2',
            at: 'src/cart.test.ts:11',
          },
          {
            name: 'cart › compares wholes',
            message:
              'AssertionError: expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }\n\n- Expected\n+ Received\n\n  {\n-   "a": 2,\n+   "a": 1,\n    "list": [\n      1,\n-     3,\n+     2,\n    ],\n  }',
            at: 'src/cart.test.ts:17',
          },
          { name: 'throws', message: 'TypeError: no such price\nas a second line says', at: 'src/price.test.ts:7' },
        ],
        moreFailures: 0,
      });
    },
  );

  it.each(['vitest3.txt', 'vitest3-verbose-colour.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'vitest',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message: "Error: Cannot find module './nowhere.ts' imported from '/srv/shop/src/broken.test.ts'",
          at: 'src/broken.test.ts:1',
        },
        {
          name: 'cart › with items › adds an item',
          message: 'AssertionError: expected 2 to be 3 // Object.is equality\n\n- Expected\n+ Received\n\n- 3\n+ 2',
          at: 'src/cart.test.ts:11',
        },
        {
          name: 'cart › compares wholes',
          message:
            'AssertionError: expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }\n\n- Expected\n+ Received\n\n  {\n-   "a": 2,\n+   "a": 1,\n    "list": [\n      1,\n-     3,\n+     2,\n    ],\n  }',
          at: 'src/cart.test.ts:17',
        },
        { name: 'throws', message: 'TypeError: no such price\nas a second line says', at: 'src/price.test.ts:7' },
      ],
      moreFailures: 0,
    });
  });

  it.each(['vitest1.txt', 'vitest2.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'vitest',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message:
            'Error: Failed to load url ./nowhere.ts (resolved id: ./nowhere.ts) in /srv/shop/src/broken.test.ts. Does the file exist?',
          at: 'src/broken.test.ts',
        },
        {
          name: 'cart › with items › adds an item',
          message: 'AssertionError: expected 2 to be 3 // Object.is equality\n\n- Expected\n+ Received\n\n- 3\n+ 2',
          at: 'src/cart.test.ts:11',
        },
        {
          name: 'cart › compares wholes',
          message:
            'AssertionError: expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }\n\n- Expected\n+ Received\n\n  Object {\n-   "a": 2,\n+   "a": 1,\n    "list": Array [\n      1,\n-     3,\n+     2,\n    ],\n  }',
          at: 'src/cart.test.ts:17',
        },
        { name: 'throws', message: 'TypeError: no such price\nas a second line says', at: 'src/price.test.ts:7' },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('vitest5-passed.txt'))).toEqual({
      tool: 'vitest',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });

  it('reads a run that ended at the first failure', () => {
    expect(read(printed('vitest5-bail.txt'))).toEqual({
      tool: 'vitest',
      passed: 1,
      failed: 1,
      skipped: 2,
      failures: [
        {
          name: 'cart › with items › adds an item',
          message: 'AssertionError: expected 2 to be 3 // Object.is equality\n\n- Expected\n+ Received\n\n- 3\n+ 2',
          at: 'src/cart.test.ts:11',
        },
      ],
      moreFailures: 0,
    });
  });

  it('counts suites that cannot begin and errors outside of tests, in several projects', () => {
    expect(read(printed('vitest5-projects.txt'))).toEqual({
      tool: 'vitest',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [
        { name: 'shop', message: 'Error: the shop is closed', at: 'a/hooks.test.ts:3' },
        {
          name: 'counts to 2',
          message: 'AssertionError: expected 2 to be 1 // Object.is equality\n\n- Expected\n+ Received\n\n- 1\n+ 2',
          at: 'a/hooks.test.ts:7',
        },
        { name: 'Unhandled Rejection', message: 'Error: nobody waits for me', at: 'b/late.test.ts:2' },
      ],
      moreFailures: 0,
    });
  });

  it('finds nothing where no tests were found', () => {
    expect(read(printed('vitest5-none.txt'))).toEqual(null);
  });
});
