import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestReport } from './report.ts';
import { printed, read } from './scene.ts';

const outputs = readdirSync(new URL('./testdata', import.meta.url)).filter((name) => name.endsWith('.txt'));
const counts = ({ passed, failed, skipped, packages = 0 }: TestReport) => ({ passed, failed, skipped, packages });

describe('an output in pieces', () => {
  it.each(outputs)('reads %s the same wherever it is cut', (name) => {
    const whole = printed(name);
    const report = read(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (places) => {
        const cuts = [0, ...places.sort((one, other) => one - other), whole.length];
        expect(read(...cuts.slice(1).map((end, index) => whole.slice(cuts[index], end)))).toEqual(report);
      }),
      { numRuns: 20 },
    );
    expect(read(...whole)).toEqual(report);
  });

  it.each(outputs)('reads %s the same with the line ends of Windows', (name) => {
    const whole = printed(name);
    const windows = whole.replaceAll('\n', '\r\n');
    expect(read(windows)).toEqual(read(whole));
    expect(read(...windows)).toEqual(read(whole));
  });

  it('goes past what a progress bar writes into the line', () => {
    expect(read(`building 1%\rbuilding 99%\r${printed('pytest-passed.txt')}`)).toEqual(
      read(printed('pytest-passed.txt')),
    );
  });
});

describe('an output that ends early', () => {
  // The line of a file counts tests that a run with --bail left out, and the lines below it take them back.
  it.each(outputs.filter((name) => name !== 'vitest5-bail.txt'))('never says more of %s than it saw', (name) => {
    const whole = printed(name);
    const report = read(whole);
    const lines = whole.split('\n');
    for (let count = 0; count < lines.length; count += 1) {
      const part = read(lines.slice(0, count).join('\n'));
      if (part === null) continue;
      if (report === null) throw new Error('a part says what the whole does not');
      expect(part.passed).toBeLessThanOrEqual(report.passed);
      expect(part.failed).toBeLessThanOrEqual(report.failed);
      expect(part.skipped).toBeLessThanOrEqual(report.skipped);
      expect(part.failures.length + part.moreFailures).toBe(part.failed);
    }
  });

  it('tells the single results of Vitest, and that they are not all', () => {
    const [before] = printed('vitest5.txt').split('Failed Suites');
    expect(read(before ?? '')).toEqual({
      tool: 'vitest',
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [],
      moreFailures: 3,
      incomplete: true,
    });
  });

  it('leaves out what a run with --bail did not run', () => {
    const [before] = printed('vitest5-bail.txt').split('Failed Tests');
    expect(read(before ?? '')).toMatchObject({ passed: 1, failed: 1, skipped: 2, incomplete: true });
  });

  it('names what failed in a package of go test that did not end', () => {
    const [before] = printed('go-verbose.txt').split('FAIL\nFAIL\texample.com/shop/cart');
    expect(read(before ?? '')).toMatchObject({
      passed: 2,
      failed: 3,
      skipped: 2,
      failures: [{ name: 'example.com/shop/broken' }, { name: 'TestAdd › one_and_one' }, { name: 'TestPlain' }],
      incomplete: true,
    });
  });

  it('finds nothing in a log without results', () => {
    expect(read('> shop@1.0.0 test\n> vitest run\n\nKilled\n')).toBeNull();
    expect(read('')).toBeNull();
  });
});

describe('several tools in one output', () => {
  it('adds up a monorepo of Vitest and pytest', () => {
    const both = read(`${printed('vitest5-passed.txt')}\n> npm run python\n${printed('pytest-short.txt')}`);
    expect(both).toMatchObject({ tool: 'vitest, pytest', passed: 4, failed: 5, skipped: 3, moreFailures: 0 });
    expect(both?.failures[0]).toEqual({
      name: 'TestItems › test_adds',
      message: 'assert (1 + 1) == 3',
      at: 'test_cart.py:11',
    });
  });

  it.each(['turbo.txt', 'pnpm.txt', 'concurrently.txt', 'npm-workspaces.txt'])(
    'tells packages apart that are tested side by side: %s',
    (name) => {
      expect(read(printed(name))).toMatchObject({
        tool: 'vitest, node',
        passed: 2,
        failed: 2,
        skipped: 0,
        failures: [
          { name: 'api › counts', at: 'api.test.ts:4' },
          { name: 'fails', message: 'AssertionError [ERR_ASSERTION]: 1 == 2', at: 'web.test.js:4' },
        ],
        moreFailures: 0,
      });
    },
  );

  it('reads events of go test behind the name of a task, however long', () => {
    const event = { Action: 'output', Package: 'shop/cart', Test: 'TestAdd' };
    const said = `    cart_test.go:13: ${'x'.repeat(3_000)}`;
    const outputs = ['--- FAIL: TestAdd (0.00s)', said, 'FAIL\tshop/cart\t0.1s'];
    const lines = outputs.map((Output) => `api:test: ${JSON.stringify({ ...event, Output: `${Output}\n` })}\n`);
    const report = read('api:test: cache miss, executing 861ebf53dad2b1f7\n', ...lines);
    expect(report).toMatchObject({ failed: 1, failures: [{ name: 'cart › TestAdd', at: 'cart_test.go:13' }] });
    expect(report?.failures[0]?.message).toHaveLength(2_000);
  });

  it('adds up two runs of one tool', () => {
    const twice = read(printed('node-spec.txt'), printed('node-spec-passed.txt'), printed('node-spec.txt'));
    expect(twice).toMatchObject({ tool: 'node', passed: 5, failed: 6, skipped: 5, moreFailures: 0 });
    expect(twice?.failures.map(({ name }) => name)).toEqual([
      'broken.test.js',
      'cart › with items › adds an item',
      'cart › throws',
      'broken.test.js',
      'cart › with items › adds an item',
      'cart › throws',
    ]);
  });

  it('takes no line of one tool for one of another', () => {
    // Tools without a line that begins a run cannot be told from the one before.
    const names = outputs.filter((name) => name !== 'node-dot.txt' && name !== 'mocha-tap.txt');
    const whole = read(...names.map((name) => `${printed(name)}\n`));
    const each = names.map((name) => read(printed(name))).filter((one) => one !== null);
    const total = each.map(counts).reduce((one, other) => ({
      passed: one.passed + other.passed,
      failed: one.failed + other.failed,
      skipped: one.skipped + other.skipped,
      packages: one.packages + other.packages,
    }));
    expect(whole === null ? null : counts(whole)).toEqual(total);
    expect(whole?.failures).toHaveLength(50);
    expect(whole?.moreFailures).toBe(total.failed - 50);
    expect(whole?.incomplete).toBeUndefined();
  });
});

describe('hostile outputs', () => {
  const words = [
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
          for (const count of Object.values(counts(report))) expect(count).toBeGreaterThanOrEqual(0);
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
