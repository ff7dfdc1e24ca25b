import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('hostile outputs', () => {
  const words = [
    ...[
      ' ✓ a.ts (1 test | 5 failed)',
      '⎯⎯ Failed Suites ⎯⎯',
      'FAILED (failures=-5, errors=1e99)',
      'Tests:       1 failed, 9 total',
    ],
    ...[
      ' RUN  v5.1.1 /srv',
      '⎯⎯ Failed Tests 3 ⎯⎯',
      ' FAIL  a.test.ts > b',
      ' ❯ a.test.ts:1:2',
      '      Tests  1 failed (1)',
    ],
    ...[
      'FAIL src/a.test.js',
      '  ● a › b',
      'Tests:       1 failed, 1 total',
      '  1 passing (3ms)',
      '  1 failing',
      '  1) a',
      '   b:',
    ],
    ...[
      '▶ cart',
      ' ✖ odd (1.5ms)',
      '✔ fine (1.5ms)',
      'ℹ tests 3',
      'ℹ fail 9',
      'ℹ duration_ms 1.5',
      '✖ failing tests:',
      'test at a.js:1:1',
    ],
    ...[
      'bun test v1.4.5 (a7733435c)',
      '(pass) a [0.1ms]',
      '(fail) a > b [0.1ms]',
      '✗ a',
      '# Unhandled error between tests',
      '-------------------------------',
      ' 9 fail',
      'Ran 1 test across 1 file. [4.00ms]',
    ],
    ...[
      'TAP version 14',
      '1..3',
      'not ok 1 - a {',
      '    not ok 1 - b',
      '}',
      '  ---',
      '  error: "x',
      '  ...',
      '# Subtest: a',
      'Bail out! no',
    ],
    ...[
      '=== test session starts ===',
      'a.py .F',
      '=== FAILURES ===',
      '___ a ___',
      'E   x',
      'FAILED a.py::b[ - c',
      '1 failed in 0.1s',
    ],
    ...[
      '='.repeat(70),
      'FAIL: a (b.C.a)',
      '-'.repeat(70),
      '  File "a.py", line 3',
      'Ran 2 tests in 0.1s',
      'FAILED (failures=5)',
    ],
    ...[
      '=== RUN   TestA/b',
      '--- FAIL: TestA/b (0.00s)',
      '--- FAIL: TestA (0.00s)',
      '    a_test.go:1: x',
      'panic: x',
      '\t/a_test.go:3',
    ],
    ...[
      'FAIL\tshop/a\t0.1s',
      'ok  \tshop/b\t0.1s',
      '# shop/c',
      'a.go:1:2: x',
      '{"Action":"output","Package":"a","Output":"--- FAIL: T (0.00s)\\n"}',
    ],
    ...[
      '{"Action":3}',
      '{"',
      'running 2 tests',
      'test a ... FAILED',
      '---- a stdout ----',
      "thread 'a' panicked at 'x', a.rs:1:2",
    ],
    ...[
      'test result: FAILED. 0 passed; 7 failed',
      'failures:',
      '',
      '    indented',
      '\u001b[31mred',
      '\u001b]0;title',
      '\u0000',
    ],
  ];

  it('reads any lines in any order without a fault, and lists no more than was counted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 })), { maxLength: 60 }),
        (lines) => {
          const report = read(lines.join('\n'));
          if (report === null) return;
          expect(report.failures.length).toBeLessThanOrEqual(50);
          expect(report.failures.length + report.moreFailures).toBe(report.failed);
          for (const count of [report.passed, report.failed, report.skipped])
            expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('lists 50 of many failures, and cuts what is said of them', () => {
    const failure = (index: number) =>
      `not ok ${index} - ${'n'.repeat(900)}\n  ---\n  message: "${'m'.repeat(1_900)}"\n  ${'x: y'.repeat(9_000)}\n  ...\n`;
    const report = read('TAP version 13\n1..500\n', ...Array.from({ length: 500 }, (_, index) => failure(index + 1)));
    expect(report).toMatchObject({ passed: 0, failed: 500, moreFailures: 450 });
    expect(report?.failures).toHaveLength(50);
    for (const { name, message } of report?.failures ?? []) {
      expect(name).toHaveLength(300);
      expect(message.length).toBeLessThanOrEqual(2_000);
    }
  });

  it('keeps a line of any length in bounded memory, and the report after it', () => {
    const long = Array.from({ length: 2_000 }, () => 'x'.repeat(10_000));
    expect(read(...long, '\n', printed('jest30.txt'))).toEqual(read(printed('jest30.txt')));
  });

  it.each([
    ['colours that do not end', '\u001b[0;'],
    ['titles that do not end', '\u001b]0;'],
    ['rules and brackets', ' ✓ (1 tests | 1 failed ('],
    ['names within names', ' > a'],
    ['dashes', ' - ___ === '],
    ['slashes of subtests', '=== RUN   a/b/c/d\n--- FAIL: a/b (0.00s)\n'],
    ['places', ' ❯ a.b.c:1:2:3'],
    ['quotes', 'not ok 1 - a\n ---\n message: "a\n'],
    ['braces', '{"Action":"output","Package":"a","Output":"'],
    ['suites', '▶ a\n  ▶ a\n    ✖ a (1.1ms)\n'],
  ])('takes time in proportion to the size: %s', (_, text) => {
    const time = (size: number): number => {
      const whole = `TAP version 13\n RUN  v5.1.1 /srv\n${text.repeat(Math.ceil(size / text.length))}`;
      const began = performance.now();
      read(whole);
      return performance.now() - began;
    };
    time(20_000);
    const small = time(100_000);
    // Ten times as much; quadratic work would take a hundred times as long.
    expect(time(1_000_000)).toBeLessThan(Math.max(40 * small, 2_000));
  });
});
