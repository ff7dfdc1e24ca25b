import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fits, readRequirement } from './requirement.ts';
import { comparable, newestFirst } from './versions.ts';

/** A wish, what will do, what will not, and what an installer is asked for. */
const table: readonly (readonly [name: string, wanted: string, yes: string[], no: string[], least: string | null])[] = [
  ['node', '22', ['22.0.0', 'v22.14.0'], ['20.20.2', '24.1.0', '22.0.0-rc.1'], '22'],
  ['node', 'v20.11', ['20.11.1'], ['20.12.0'], '20.11'],
  ['node', '>=18 <21 || ^22.1', ['18.0.0', '20.9.0', '22.14.0'], ['21.0.0', '22.0.0'], '18'],
  ['node', '18 - 20', ['20.9.0'], ['21.0.0'], '18'],
  ['node', 'lts/*', ['22.14.0', '24.0.0'], ['23.1.0'], null],
  ['node', 'lts/jod', ['22.14.0'], ['24.0.0'], '22'],
  ['node', 'node', ['23.1.0'], [], null],
  ['bun', '^1.2.3', ['1.3.0'], ['1.2.0', '2.0.0'], '1.2.3'],
  ['pnpm', '10.4.1', ['10.4.1'], ['10.4.2', '9.15.0'], '10.4.1'],
  ['pnpm', '>=9', ['9.0.0', '10.4.1'], ['8.15.9'], '9'],
  ['python', '3.12', ['3.12.0', '3.12.9'], ['3.11.9', '3.13.0', '3.12.0rc1'], '3.12'],
  ['python', '3.12.1', ['3.12.1'], ['3.12.2'], '3.12.1'],
  ['python', '>=3.10,<4', ['3.10.0', '3.14.1'], ['3.9.18', '4.0.0', '3.14.0rc1'], '3.10'],
  ['python', '>= 3.8, < 3.13, != 3.9.*', ['3.8.1', '3.12.9'], ['3.9.18', '3.13.0'], '3.8'],
  ['python', '!=3.11.4', ['3.11.5'], ['3.11.4'], null],
  ['python', '~=3.11', ['3.11.0', '3.14.0'], ['3.10.1', '4.0.0'], '3.11'],
  ['python', '~=3.11.2', ['3.11.9'], ['3.12.0', '3.11.1'], '3.11.2'],
  ['python', '<=3.11', ['3.11.0', '3.9.1'], ['3.11.1'], null],
  ['python', '>3.10', ['3.10.1'], ['3.10.0'], '3.10.1'],
  ['python', '^3.11', ['3.13.0'], ['4.0.0'], '3.11'],
  ['python', '~3.11', ['3.11.9'], ['3.12.0'], '3.11'],
  ['python', '==3.12.*', ['3.12.4'], ['3.13.0'], '3.12'],
  ['python', '>=3.9,!=3.9.1 || 3.9.1', ['3.9.1'], ['3.8.0'], '3.9'],
  ['python', 'system', ['3.11.2'], [], null],
  ['go', '>=1.22', ['1.22', '1.26.8'], ['1.21.13'], '1.22'],
  ['go', '>=1.22rc1', ['1.22.0'], ['1.21.0'], '1.22'],
  ['go', '1.24', ['1.24.3'], ['1.25.0'], '1.24'],
  ['rust', '1.86', ['1.86.0'], ['1.87.0'], '1.86'],
  ['rust', '>=1.70', ['1.95.0'], ['1.69.0', '1.97.0-nightly'], '1.70'],
  ['rust', 'stable', ['1.95.0'], ['1.97.0-nightly'], null],
  ['java', '21', ['21', '21.0.2', '21.0.2+13-LTS'], ['17.0.15', '22.0.1', '21-ea'], '21'],
  ['java', '1.8', ['1.8.0_392', '8.0.1'], ['11.0.1'], '8'],
  ['java', '>=17', ['17.0.15', '25.0.3'], ['11.0.20'], '17'],
  ['java', 'temurin-21', ['21.0.2'], ['17.0.1'], '21'],
  ['java', '21.0.2-tem', ['21.0.2'], ['21.0.3'], '21.0.2'],
  ['ruby', '~> 3.2', ['3.4.1'], ['4.0.0', '3.1.0'], '3.2'],
  ['ruby', '~> 3.2.1', ['3.2.9'], ['3.3.0'], '3.2.1'],
  ['php', '^8.1|^8.3', ['8.4.0'], ['9.0.0', '8.0.1'], '8.1'],
  ['php', '~8.1', ['8.4.0'], ['9.0.0'], '8.1'],
  ['php', '8.2.*', ['8.2.7'], ['8.3.0'], '8.2'],
];

test.each(table)('%s %s', (name, wanted, yes, no, least) => {
  const requirement = readRequirement(name, wanted);
  if (requirement === null) throw new Error('it cannot be read');
  const may = (version: string) => fits(name, requirement, { version });
  expect({ yes: yes.filter(may), no: no.filter(may), least: requirement.least }).toEqual({ yes, no: [], least });
});

test.each([
  ['node', ''],
  ['node', 'lts/nobody'],
  ['node', '🦄'],
  ['python', 'pypy3.9'],
  ['python', '3.13t'],
  ['python', '>=3.10,,<'],
  ['python', '3.10 or so'],
  ['go', '>=tip'],
  ['java', 'graal'],
  ['constructor', '\0'],
])('%s %j is no version', (name, wanted) => {
  expect(readRequirement(name, wanted)).toBeNull();
});

test('a channel of Rust is that one, not another of its kind', () => {
  const nightly = readRequirement('rust', 'nightly');
  const dated = readRequirement('rust', 'nightly-2026-01-01');
  if (nightly === null || dated === null) throw new Error('they cannot be read');
  const found = { version: '1.97.0-nightly', channel: 'nightly' };
  expect([fits('rust', nightly, found), fits('rust', dated, found)]).toEqual([true, false]);
  expect(fits('rust', dated, { ...found, channel: 'nightly-2026-01-01' })).toBe(true);
  expect(fits('rust', nightly, { version: '1.95.0' })).toBe(false);
});

test('the newest comes first, whatever it calls itself', () => {
  const versions = ['1.9', 'go1.22', '', '1.22.10', '1.22rc1'].map((version) => ({ version }));
  expect(versions.sort(newestFirst('go')).map((each) => each.version)).toEqual([
    '1.22.10',
    'go1.22',
    '1.22rc1',
    '1.9',
    '',
  ]);
  expect(comparable('java', '1.8.0_392')).toBe('8.0.0');
});

const tools = ['node', 'bun', 'pnpm', 'python', 'go', 'rust', 'java', 'ruby', 'php'];
const bits = [
  '>=',
  '<',
  '^',
  '~',
  '~=',
  '!=',
  '||',
  '|',
  ',',
  ' ',
  '-',
  '.',
  '*',
  'x',
  'v',
  '1',
  '3.10',
  '99999999999',
  'rc1',
  '\n',
  '\0',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.array(fc.constantFrom(...bits), { maxLength: 400 }).map((each) => each.join('')),
);

test('hostile texts are read or refused at once, and never throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...tools), hostile, hostile, (name, wanted, version) => {
      const requirement = readRequirement(name, wanted);
      if (requirement !== null) {
        expect(typeof fits(name, requirement, { version })).toBe('boolean');
        expect(requirement.least ?? '1').toMatch(/^\d+(\.\d+){0,2}$/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each(['>='.repeat(100_000), '1 '.repeat(100_000), `1.${'9'.repeat(200_000)}`, '-'.repeat(200_000)])(
  'a very long text is refused before it takes time',
  (text) => {
    for (const name of tools) {
      expect(readRequirement(name, text)).toBeNull();
      comparable(name, text);
    }
  },
);

test('what fits a range of two bounds lies between them', () => {
  const number = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(number, number, number, (low, high, minor) => {
      const requirement = readRequirement('python', `>=3.${low},<3.${high}`);
      if (requirement === null) throw new Error('it cannot be read');
      expect(fits('python', requirement, { version: `3.${minor}.1` })).toBe(low <= minor && minor < high);
    }),
  );
});
