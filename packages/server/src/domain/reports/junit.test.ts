import { describe, expect, it } from 'vitest';
import { readJunit } from './junit.ts';
import { printed } from './scene.ts';

describe('JUnit', () => {
  it("reads Vitest's", () => {
    expect(readJunit(printed('vitest5.xml'))).toEqual({
      tool: 'junit',
      passed: 2,
      failed: 4,
      skipped: 2,
      failures: [
        {
          name: 'src/broken.test.ts',
          message: "Cannot find module './nowhere.ts' imported from /srv/shop/src/broken.test.ts",
          at: 'src/broken.test.ts:1',
        },
        {
          name: 'cart › with items › adds an item',
          message: 'expected 2 to be 3 // Object.is equality',
          at: 'src/cart.test.ts:11',
        },
        {
          name: 'cart › compares wholes',
          message: 'expected { a: 1, list: [ 1, 2 ] } to deeply equal { a: 2, list: [ 1, 3 ] }',
          at: 'src/cart.test.ts:17',
        },
        { name: 'throws', message: 'no such price as a second line says', at: 'src/price.test.ts:7' },
      ],
      moreFailures: 0,
    });
  });

  it("reads Node's, suites within suites", () => {
    expect(readJunit(printed('node.xml'))).toEqual({
      tool: 'junit',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [
        { name: 'broken.test.js', message: 'test failed', at: '/srv/shop/broken.test.js' },
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

  it("reads pytest's", () => {
    expect(readJunit(printed('pytest.xml'))).toEqual({
      tool: 'junit',
      passed: 3,
      failed: 5,
      skipped: 2,
      failures: [
        { name: 'test_cart.TestItems › test_adds', message: 'assert (1 + 1) == 3', at: 'test_cart.py:11' },
        { name: 'test_cart.TestItems › test_numbers[3]', message: 'assert 3 < 3', at: 'test_cart.py:23' },
        {
          name: 'test_cart › test_throws',
          message: 'ValueError: no such price\nas a second line says',
          at: 'test_cart.py:27',
        },
        {
          name: 'test_cart › test_with_shop',
          message: 'failed on setup with "RuntimeError: shop is closed"',
          at: 'test_cart.py:32',
        },
        {
          name: 'test_cart › test_long_diff',
          message:
            "AssertionError: assert {'a': 1, 'list': [1, 2]} == {'a': 2, 'list': [1, 3]}\n\n  Differing items:\n  {'a': 1} != {'a': 2}\n  {'list': [1, 2]} != {'list': [1, 3]}\n  Use -v to get more diff",
          at: 'test_cart.py:40',
        },
      ],
      moreFailures: 0,
    });
  });

  it("reads Surefire's", () => {
    expect(readJunit(printed('surefire-CartTestItems.xml'))).toEqual({
      tool: 'junit',
      passed: 2,
      failed: 3,
      skipped: 1,
      failures: [
        { name: 'shop.CartTest › adds', message: 'one < one ==> expected: <3> but was: <2>', at: 'CartTest.java:8' },
        { name: 'shop.CartTest › fails', message: 'no such price\nas a second line says', at: 'CartTest.java:10' },
        { name: 'shop.CartTest$Items › breaks', message: ']]> & broken', at: 'CartTest.java:11' },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(readJunit(printed('node-passed.xml'))).toEqual({
      tool: 'junit',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });
});
