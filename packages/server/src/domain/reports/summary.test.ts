import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Failure, report, type TestReport } from './report.ts';
import { printed, read } from './scene.ts';
import { summary } from './summary.ts';

const said = (name: string): string => {
  const whole = read(printed(name));
  return whole === null ? '' : summary(whole);
};
const told = (counts: Partial<Omit<TestReport, 'incomplete'>> & { incomplete?: boolean }): string =>
  summary(report('vitest', { passed: 0, failed: 0, skipped: 0, failures: [], ...counts }));
const failure: Failure = { name: 'cart › adds an item', message: 'expected 2, got 3', at: 'src/cart.test.ts:14' };

describe('the summary of a report', () => {
  it.each([
    [{ passed: 214, skipped: 2 }, '214 passed, 2 skipped'],
    [{ passed: 1 }, '1 passed'],
    [{ skipped: 3 }, '0 passed, 3 skipped'],
    [{}, 'no tests ran'],
    [{ packages: 12 }, '12 packages passed'],
    [{ passed: 3, packages: 1, skipped: 1 }, '3 passed, 1 package passed, 1 skipped'],
    [{ passed: 3, incomplete: true }, '3 passed (it ended before its summary)'],
    [{ passed: 211, failed: 3 }, '3 of 214 tests failed'],
    [{ failed: 1, failures: [failure] }, '1 test failed: cart › adds an item: expected 2, got 3 (src/cart.test.ts:14)'],
    [
      { passed: 212, failed: 2, failures: [failure] },
      '2 of 214 tests failed: cart › adds an item: expected 2, got 3 (src/cart.test.ts:14), …',
    ],
    [
      { packages: 4, failed: 1, failures: [{ ...failure, at: null }] },
      '1 test failed: cart › adds an item: expected 2, got 3',
    ],
    [
      { passed: 1, failed: 1, failures: [{ ...failure, message: '' }], incomplete: true },
      '1 of 2 tests failed: cart › adds an item (src/cart.test.ts:14) (it ended before its summary)',
    ],
  ])('of %j', (counts, text) => {
    expect(told(counts)).toBe(text);
  });

  it('tells what was expected, not how the tool shows it', () => {
    expect(said('vitest5-bail.txt')).toBe(
      '1 of 2 tests failed: cart › with items › adds an item: expected 2 to be 3 // Object.is equality (src/cart.test.ts:11)',
    );
    expect(said('node-spec.txt')).toBe(
      "3 of 5 tests failed: broken.test.js: 'test failed' (broken.test.js:1), cart › with items › adds an item: Expected values to be strictly equal: 2 !== 3 (cart.test.js:8), cart › throws: TypeError: no such price as a second line says (cart.test.js:13)",
    );
    expect(said('jest30.txt')).toBe(
      '3 of 5 tests failed: cart › with items › adds an item: expect(received).toBe(expected) // Object.is equality Expected: 3 Received: 2 (src/cart.test.js:8), cart › compares wholes: expect(received).toEqual(expected) // deep equality (src/cart.test.js:14), …',
    );
    expect(said('go-plain.txt')).toBe(
      '4 tests failed: example.com/shop/broken: undefined: nothing (broken/broken_test.go:5), cart › TestAdd › one_and_one: expected 3, got 2 second line (cart_test.go:13), cart › TestPlain: first line second line (cart_test.go:22), …',
    );
  });

  it('is one line of at most 300 characters', () => {
    const failures = fc.array(
      fc.record({
        name: fc.string({ maxLength: 300 }),
        message: fc.string({ maxLength: 400, unit: fc.constantFrom('a', ' ', '\n', '-', '🛒') }),
        at: fc.option(fc.string({ maxLength: 400 })),
      }),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(failures, fc.nat(), fc.nat(), fc.boolean(), (list, more, passed, incomplete) => {
        const text = told({ passed, failed: list.length + more, failures: list, incomplete });
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/[\r\n]/);
      }),
    );
  });
});
