import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('TAP', () => {
  it('reads subtests before their results (node)', () => {
    expect(read(printed('node-tap.txt'))).toEqual({
      tool: 'tap',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [
        { name: 'broken.test.js', message: 'test failed', at: '/srv/shop/broken.test.js:1' },
        {
          name: 'cart › with items › adds an item',
          message: 'Expected values to be strictly equal:\n\n2 !== 3',
          at: '/srv/shop/cart.test.js:8',
        },
        { name: 'cart › throws', message: 'no such price\nas a second line says', at: '/srv/shop/cart.test.js:13' },
      ],
      moreFailures: 0,
    });
  });

  it('reads subtests in braces after their results (Vitest)', () => {
    expect(read(printed('vitest5-tap.txt'))).toEqual({
      tool: 'tap',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message: "Cannot find module './nowhere.ts' imported from /srv/shop/src/broken.test.ts",
          at: '/srv/shop/src/broken.test.ts:1',
        },
        {
          name: 'src/cart.test.ts › cart › with items › adds an item',
          message: 'expected 2 to be 3 // Object.is equality',
          at: '/srv/shop/src/cart.test.ts:11',
        },
        {
          name: 'src/cart.test.ts › cart › compares wholes',
          message: 'expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }',
          at: '/srv/shop/src/cart.test.ts:17',
        },
        {
          name: 'src/price.test.ts › throws',
          message: 'no such price\nas a second line says',
          at: '/srv/shop/src/price.test.ts:7',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads names with their path in them (Vitest)', () => {
    expect(read(printed('vitest5-tap-flat.txt'))).toEqual({
      tool: 'tap',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message: "Cannot find module './nowhere.ts' imported from /srv/shop/src/broken.test.ts",
          at: '/srv/shop/src/broken.test.ts:1',
        },
        {
          name: 'src/cart.test.ts › cart › with items › adds an item',
          message: 'expected 2 to be 3 // Object.is equality',
          at: '/srv/shop/src/cart.test.ts:11',
        },
        {
          name: 'src/cart.test.ts › cart › compares wholes',
          message: 'expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }',
          at: '/srv/shop/src/cart.test.ts:17',
        },
        {
          name: 'src/price.test.ts › throws',
          message: 'no such price\nas a second line says',
          at: '/srv/shop/src/price.test.ts:7',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads assertions under remarks (tape)', () => {
    expect(read(printed('tape.txt'))).toEqual({
      tool: 'tap',
      passed: 2,
      failed: 2,
      skipped: 0,
      failures: [
        { name: 'cart adds an item › one and one', message: 'expected: 3\nactual:   2', at: '/srv/shop/tape.js:3' },
        {
          name: 'throws › should be deeply equivalent',
          message: 'expected: { a: 2 }\nactual: { a: 1 }',
          at: '/srv/shop/tape.js:5',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads TAP 12 with diagnostics as plain text (Mocha)', () => {
    expect(read(printed('mocha-tap.txt'))).toEqual({
      tool: 'tap',
      passed: 1,
      failed: 2,
      skipped: 2,
      failures: [
        {
          name: 'cart throws',
          message: 'no such price\nas a second line says\nTypeError: no such price\nas a second line says',
          at: 'test/cart.js:12',
        },
        {
          name: 'cart with items adds an item',
          message:
            'Expected values to be strictly equal:\n\n2 !== 3\n\nAssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n2 !== 3',
          at: 'test/cart.js:7',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('node-tap-passed.txt'))).toEqual({
      tool: 'tap',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });
});
