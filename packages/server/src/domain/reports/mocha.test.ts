import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('Mocha', () => {
  it.each(['mocha.txt', 'mocha-colour.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'mocha',
      passed: 1,
      failed: 2,
      skipped: 2,
      failures: [
        { name: 'cart › throws', message: 'TypeError: no such price\nas a second line says', at: 'test/cart.js:12' },
        {
          name: 'cart › with items › adds an item',
          message:
            'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n2 !== 3\n\n+ expected - actual\n\n-2\n+3',
          at: 'test/cart.js:7',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('mocha-passed.txt'))).toEqual({
      tool: 'mocha',
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
      moreFailures: 0,
    });
  });
});
