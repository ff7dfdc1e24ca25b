import { matchesGlob } from 'node:path';
import { isCode } from '@towpath/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junitPlaces, readJunit } from './junit.ts';
import { sum } from './report.ts';
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

describe('the places of JUnit documents', () => {
  it.each([
    ['junit.xml', 'jest-junit'],
    ['test-results.xml', 'mocha-junit-reporter'],
    ['.vitest/junit/output.xml', 'Vitest 5'],
    ['target/surefire-reports/TEST-shop.CartTest.xml', 'Maven'],
    ['api/target/surefire-reports/TEST-shop.CartTest.xml', 'a module of Maven'],
    ['build/test-results/test/TEST-shop.CartTest.xml', 'Gradle'],
    ['target/nextest/ci/junit.xml', 'cargo-nextest'],
  ])('hold %s, where %s writes', (path) => {
    expect(junitPlaces.some((place) => matchesGlob(path, place))).toBe(true);
  });

  it.each(['pom.xml', 'src/junit.xml', 'target/surefire-reports/testng-results.xml', 'node_modules/a/junit.xml'])(
    'do not hold %s',
    (path) => {
      expect(junitPlaces.some((place) => matchesGlob(path, place))).toBe(false);
    },
  );
});

describe('JUnit documents', () => {
  const suite = (inside: string) => `<testsuite name="a">${inside}</testsuite>`;
  const names = (xml: string) => readJunit(xml).failures.map(({ name }) => name);

  it('of one class each are added up', () => {
    const all = ['surefire-CartTest.xml', 'surefire-CartTestItems.xml', 'surefire-PriceTest.xml'].map((name) =>
      readJunit(printed(name)),
    );
    expect(sum(all)).toMatchObject({ tool: 'junit', passed: 3, failed: 3, skipped: 1, moreFailures: 0 });
  });

  it('may have no suite around their suites, a byte order mark, and the message as text only', () => {
    const text = 'Error: no\n  at f (src/a.ts:3:4)';
    expect(readJunit(`\ufeff${suite(`<testcase name="b"><error>${text}</error></testcase>`)}`)).toEqual({
      tool: 'junit',
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [{ name: 'b', message: 'Error: no', at: 'src/a.ts:3' }],
      moreFailures: 0,
    });
  });

  it('count an error of the suite itself', () => {
    expect(names(suite('<error message="closed"/><testcase name="b"/>'))).toEqual(['a']);
  });

  it('may name a file and a line', () => {
    const xml = suite('<testcase name="b" file="spec/a_spec.rb" line="7"><failure message="no"/></testcase>');
    expect(readJunit(xml).failures[0]?.at).toBe('spec/a_spec.rb:7');
  });

  it('count a test that failed at first and then passed as passed', () => {
    const xml = suite('<testcase name="b"><flakyFailure message="no"/></testcase>');
    expect(readJunit(xml)).toMatchObject({ passed: 1, failed: 0 });
  });

  it('may hold characters that XML does not have, for tests print anything', () => {
    const xml = suite(
      '<testcase name="b"><failure message="&#27;[31mred&#x1b;[0m \u0001">\u001b[31m&#0;</failure></testcase>',
    );
    expect(readJunit(xml)).toMatchObject({ failed: 1 });
  });

  it.each([
    ['nothing', '', 'must contain a root element'],
    ['plain text', 'OK (3 tests)', 'text data outside of root node'],
    ['JSON', '{"tests": 3}', 'text data outside of root node'],
    ['another document', '<html><body/></html>', 'its outermost element is <html>, not <testsuites> or <testsuite>'],
    ['half a document', '<testsuites><testsuite name="a">', 'unclosed tag: testsuite'],
    ['tags that cross', '<testsuite><testcase></testsuite></testcase>', 'unexpected close tag'],
    ['half a character', '<testsuite><![CDATA[]\ud83d', 'unclosed tag: testsuite'],
    ['an unknown entity', suite('&lol;'), 'undefined entity'],
    ['more than one document', `${suite('')}${suite('')}`, 'documents may contain only one root'],
  ])('refuse %s', (_, xml, why) => {
    const refused = expect.objectContaining({ code: 'unreadable_report', message: expect.stringContaining(why) });
    expect(() => readJunit(xml, 'target/TEST-a.xml')).toThrow(refused);
    expect(() => readJunit(xml, 'target/TEST-a.xml')).toThrow('target/TEST-a.xml is no JUnit report: ');
  });

  it('expand no entities of their own and look at nothing outside', () => {
    const laughs = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`);
    const bomb = `<!DOCTYPE t [<!ENTITY l0 "lol">${laughs.join('')}]>${suite('<testcase name="&l9;"/>')}`;
    expect(() => readJunit(bomb)).toThrow('undefined entity');
    const outside = `<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>${suite('<testcase name="&x;"/>')}`;
    expect(() => readJunit(outside)).toThrow('undefined entity');
    const unused = `<!DOCTYPE t SYSTEM "http://127.0.0.1:1/t.dtd">${suite('<testcase name="b"/>')}`;
    expect(readJunit(unused)).toMatchObject({ passed: 1 });
  });

  it('are given up on where elements lie too deep in each other, whatever comes after', () => {
    expect(() => readJunit('<testsuite>'.repeat(4_000_000))).toThrow('elements lie deeper than 100 in each other');
  });

  it('are refused when they are too large', () => {
    expect(() => readJunit('x'.repeat(64 * 1024 * 1024 + 1), 'junit.xml')).toThrow(
      expect.objectContaining({
        code: 'too_large',
        message: expect.stringContaining('junit.xml: 67108865 characters'),
      }),
    );
  });

  it('list 50 of many failures', () => {
    const failing = '<testcase name="b"><failure message="no">because</failure></testcase>'.repeat(2_000);
    expect(readJunit(suite(failing))).toMatchObject({ failed: 2_000, moreFailures: 1_950 });
  });

  it('of any text give a report or the one error', () => {
    const parts = [
      '<testsuite name="a">',
      '</testsuite>',
      '<testcase name="b" classname="c">',
      '</testcase>',
      '<failure>',
      '</failure>',
    ];
    const more = [
      '<skipped/>',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#x41;',
      '<!--',
      '-->',
      'a.ts:3',
      '\ud83d',
      '<?xml version="1.0"?>',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...parts, ...more), fc.string({ maxLength: 5 })), { maxLength: 30 }),
        (words) => {
          try {
            const { failed, failures, moreFailures } = readJunit(words.join(''));
            expect(failures.length + moreFailures).toBe(failed);
          } catch (error) {
            expect(isCode(error, 'unreadable_report')).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
