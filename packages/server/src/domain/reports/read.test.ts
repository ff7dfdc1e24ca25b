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
  // A package, a program and a task are whole before the others; Mocha tells of those that passed before those that failed.
  const inParts = /^(?:go-|cargo|mocha|turbo|pnpm|concurrently|npm-workspaces)/;

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
      if (!inParts.test(name) && part.passed + part.failed < report.passed + report.failed) {
        expect(part.incomplete).toBe(true);
      }
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
