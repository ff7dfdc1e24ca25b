import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('go test', () => {
  it.each(['go-verbose.txt', 'go-json.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'go test',
      passed: 4,
      failed: 4,
      skipped: 2,
      failures: [
        { name: 'example.com/shop/broken', message: 'undefined: nothing', at: 'broken/broken_test.go:5' },
        { name: 'cart › TestAdd › one_and_one', message: 'expected 3, got 2\nsecond line', at: 'cart_test.go:13' },
        { name: 'cart › TestPlain', message: 'first line\n    second line', at: 'cart_test.go:22' },
        {
          name: 'panics › TestPanics',
          message: 'panic: runtime error: index out of range [3] with length 0 [recovered, repanicked]',
          at: '/srv/shop/panics/panics_test.go:9',
        },
      ],
      moreFailures: 0,
    });
  });

  it('counts packages where tests are not told', () => {
    expect(read(printed('go-plain.txt'))).toEqual({
      tool: 'go test',
      passed: 0,
      failed: 4,
      skipped: 0,
      packages: 1,
      failures: [
        { name: 'example.com/shop/broken', message: 'undefined: nothing', at: 'broken/broken_test.go:5' },
        { name: 'cart › TestAdd › one_and_one', message: 'expected 3, got 2\nsecond line', at: 'cart_test.go:13' },
        { name: 'cart › TestPlain', message: 'first line\n    second line', at: 'cart_test.go:22' },
        {
          name: 'panics › TestPanics',
          message: 'panic: runtime error: index out of range [3] with length 0 [recovered, repanicked]',
          at: '/srv/shop/panics/panics_test.go:9',
        },
      ],
      moreFailures: 0,
    });
  });

  it.each(['go-parallel-verbose.txt', 'go-parallel-json.txt'])(
    'reads subtests that run side by side, and examples: %s',
    (name) => {
      expect(read(printed(name))).toEqual({
        tool: 'go test',
        passed: 3,
        failed: 3,
        skipped: 0,
        failures: [
          {
            name: 'example › TestParallel › two',
            message: 'at work on two\ntwo is too many',
            at: 'example_test.go:17',
          },
          { name: 'example › TestCleanup', message: 'the outer one fails by itself', at: 'example_test.go:27' },
          { name: 'example › Example', message: 'got:\n2\nwant:\n3', at: null },
        ],
        moreFailures: 0,
      });
    },
  );

  it('reads the same without what passed', () => {
    expect(read(printed('go-parallel.txt'))).toEqual({
      tool: 'go test',
      passed: 0,
      failed: 3,
      skipped: 0,
      failures: [
        { name: 'example › TestParallel › two', message: 'at work on two\ntwo is too many', at: 'example_test.go:17' },
        { name: 'example › TestCleanup', message: 'the outer one fails by itself', at: 'example_test.go:27' },
        { name: 'example › Example', message: 'got:\n2\nwant:\n3', at: null },
      ],
      moreFailures: 0,
    });
  });

  it.each(['go-rough-verbose.txt', 'go-rough-json.txt'])('reads packages that do not build or end: %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'go test',
      passed: 1,
      failed: 3,
      skipped: 0,
      failures: [
        {
          name: 'example.com/shop/example',
          message: 'ExampleAdd refers to unknown identifier: Add',
          at: 'example/example_test.go:8',
        },
        { name: 'example.com/shop/exits', message: 'no database', at: null },
        {
          name: 'example.com/shop/slow',
          message: 'panic: test timed out after 1s\n\trunning tests:\n\t\tTestSlow (1s)',
          at: '/srv/shop/slow/slow_test.go:10',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads packages that passed', () => {
    expect(read(printed('go-passed.txt'))).toEqual({
      tool: 'go test',
      passed: 0,
      failed: 0,
      skipped: 0,
      packages: 1,
      failures: [],
      moreFailures: 0,
    });
  });

  it.each(['go-verbose-passed.txt', 'go-json-passed.txt'])('reads %s', (name) => {
    expect(read(printed(name))).toEqual({
      tool: 'go test',
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
      moreFailures: 0,
    });
  });
});
