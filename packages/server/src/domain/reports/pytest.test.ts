import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('pytest', () => {
  it.each(['pytest.txt', 'pytest-quiet.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'pytest',
      passed: 3,
      failed: 6,
      skipped: 2,
      failures: [
        { name: 'TestItems › test_adds', message: 'assert (1 + 1) == 3', at: 'test_cart.py:11' },
        { name: 'TestItems › test_numbers[3]', message: 'assert 3 < 3', at: 'test_cart.py:23' },
        { name: 'test_throws', message: 'ValueError: no such price\nas a second line says', at: 'test_cart.py:27' },
        {
          name: 'test_long_diff',
          message:
            "AssertionError: assert {'a': 1, 'list': [1, 2]} == {'a': 2, 'list': [1, 3]}\n\n  Differing items:\n  {'a': 1} != {'a': 2}\n  {'list': [1, 2]} != {'list': [1, 3]}\n  Use -v to get more diff",
          at: 'test_cart.py:40',
        },
        { name: 'test_broken.py', message: "ModuleNotFoundError: No module named 'nowhere'", at: 'test_broken.py:1' },
        { name: 'test_with_shop', message: 'RuntimeError: shop is closed', at: 'test_cart.py:32' },
      ],
      moreFailures: 0,
    });
  });

  it('reads the verbose one in colours', () => {
    expect(read(printed('pytest-verbose-colour.txt'))).toEqual({
      tool: 'pytest',
      passed: 3,
      failed: 6,
      skipped: 2,
      failures: [
        { name: 'TestItems › test_adds', message: 'assert (1 + 1) == 3', at: 'test_cart.py:11' },
        { name: 'TestItems › test_numbers[3]', message: 'assert 3 < 3', at: 'test_cart.py:23' },
        { name: 'test_throws', message: 'ValueError: no such price\nas a second line says', at: 'test_cart.py:27' },
        {
          name: 'test_long_diff',
          message:
            "AssertionError: assert {'a': 1, 'list': [1, 2]} == {'a': 2, 'list': [1, 3]}\n\n  Differing items:\n  {'a': 1} != {'a': 2}\n  {'list': [1, 2]} != {'list': [1, 3]}\n\n  Full diff: (-: missing in left side, +: extra in left side)\n    {...\n\n  ...Full output truncated, use '-vv' to show",
          at: 'test_cart.py:40',
        },
        { name: 'test_broken.py', message: "ModuleNotFoundError: No module named 'nowhere'", at: 'test_broken.py:1' },
        { name: 'test_with_shop', message: 'RuntimeError: shop is closed', at: 'test_cart.py:32' },
      ],
      moreFailures: 0,
    });
  });

  it('reads short tracebacks', () => {
    expect(read(printed('pytest-short.txt'))).toEqual({
      tool: 'pytest',
      passed: 3,
      failed: 5,
      skipped: 2,
      failures: [
        { name: 'TestItems › test_adds', message: 'assert (1 + 1) == 3', at: 'test_cart.py:11' },
        { name: 'TestItems › test_numbers[3]', message: 'assert 3 < 3', at: 'test_cart.py:23' },
        { name: 'test_throws', message: 'ValueError: no such price\nas a second line says', at: 'test_cart.py:27' },
        {
          name: 'test_long_diff',
          message:
            "AssertionError: assert {'a': 1, 'list': [1, 2]} == {'a': 2, 'list': [1, 3]}\n\n  Differing items:\n  {'a': 1} != {'a': 2}\n  {'list': [1, 2]} != {'list': [1, 3]}\n  Use -v to get more diff",
          at: 'test_cart.py:40',
        },
        { name: 'test_with_shop', message: 'RuntimeError: shop is closed', at: 'test_cart.py:32' },
      ],
      moreFailures: 0,
    });
  });

  it('reads tracebacks of one line', () => {
    expect(read(printed('pytest-line.txt'))).toEqual({
      tool: 'pytest',
      passed: 3,
      failed: 5,
      skipped: 2,
      failures: [
        { name: 'TestItems › test_adds', message: 'assert (1 + 1) == 3', at: 'test_cart.py' },
        { name: 'TestItems › test_numbers[3]', message: 'assert 3 < 3', at: 'test_cart.py' },
        { name: 'test_throws', message: 'ValueError: no such price', at: 'test_cart.py' },
        { name: 'test_long_diff', message: "AssertionError: assert {'a': 1, 'list':...", at: 'test_cart.py' },
        { name: 'test_with_shop', message: 'RuntimeError: shop is closed', at: 'test_cart.py' },
      ],
      moreFailures: 0,
    });
  });

  it('counts what it cannot name', () => {
    expect(read(printed('pytest-no-summary.txt'))).toEqual({
      tool: 'pytest',
      passed: 3,
      failed: 5,
      skipped: 2,
      failures: [],
      moreFailures: 5,
    });
  });

  it('counts a file that does not load', () => {
    expect(read(printed('pytest-broken.txt'))).toEqual({
      tool: 'pytest',
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [
        { name: 'test_broken.py', message: "ModuleNotFoundError: No module named 'nowhere'", at: 'test_broken.py:1' },
      ],
      moreFailures: 0,
    });
  });

  it.each(['pytest-passed.txt', 'pytest-quiet-passed.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'pytest',
      passed: 1,
      failed: 0,
      skipped: 1,
      failures: [],
      moreFailures: 0,
    });
  });

  it('reads a run of no tests', () => {
    expect(read(printed('pytest-none.txt'))).toEqual({
      tool: 'pytest',
      passed: 0,
      failed: 0,
      skipped: 0,
      failures: [],
      moreFailures: 0,
    });
  });

  it('finds nothing where the counts are left out', () => {
    expect(read(printed('pytest-qq.txt'))).toEqual(null);
  });
});
