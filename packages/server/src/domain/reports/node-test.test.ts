import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('node --test', () => {
  it.each(['node-spec.txt', 'node-spec-colour.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'node',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [
        { name: 'broken.test.js', message: "'test failed'", at: 'broken.test.js:1' },
        {
          name: 'cart › with items › adds an item',
          message: 'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n2 !== 3',
          at: 'cart.test.js:8',
        },
        { name: 'cart › throws', message: 'TypeError: no such price\nas a second line says', at: 'cart.test.js:13' },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('node-spec-passed.txt'))).toEqual({
      tool: 'node',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });

  it('finds nothing in dots, which are not counted', () => {
    expect(read(printed('node-dot.txt'))).toEqual(null);
  });
});
