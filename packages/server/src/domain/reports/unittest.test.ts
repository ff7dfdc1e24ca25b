import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('unittest', () => {
  it.each(['unittest.txt', 'unittest-verbose.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'unittest',
      passed: 1,
      failed: 5,
      skipped: 2,
      failures: [
        {
          name: 'test_broken',
          message: "ModuleNotFoundError: No module named 'nowhere'",
          at: '/srv/shop/test_broken.py:1',
        },
        {
          name: 'Cart › test_throws',
          message: 'ValueError: no such price\nas a second line says',
          at: '/srv/shop/test_cart.py:22',
        },
        { name: 'Cart › test_adds', message: 'AssertionError: 2 != 3', at: '/srv/shop/test_cart.py:10' },
        {
          name: 'Cart › test_numbers (n=2)',
          message: 'AssertionError: 2 not less than 2',
          at: '/srv/shop/test_cart.py:27',
        },
        {
          name: 'Cart › test_numbers (n=3)',
          message: 'AssertionError: 3 not less than 2',
          at: '/srv/shop/test_cart.py:27',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('unittest-passed.txt'))).toEqual({
      tool: 'unittest',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });
});
