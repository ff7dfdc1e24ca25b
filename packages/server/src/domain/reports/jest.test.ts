import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('Jest', () => {
  it.each(['jest30.txt', 'jest30-verbose-colour.txt', 'jest29.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'jest',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [
        {
          name: 'cart › with items › adds an item',
          message: 'expect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 2',
          at: 'src/cart.test.js:8',
        },
        {
          name: 'cart › compares wholes',
          message:
            'expect(received).toEqual(expected) // deep equality\n\n- Expected  - 1\n+ Received  + 1\n\n  Object {\n-   "a": 2,\n+   "a": 1,\n  }',
          at: 'src/cart.test.js:14',
        },
        {
          name: 'src/broken.test.js',
          message: "Cannot find module './nowhere' from 'src/broken.test.js'",
          at: 'src/broken.test.js:1',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('jest30-passed.txt'))).toEqual({
      tool: 'jest',
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
      moreFailures: 0,
    });
  });
});
