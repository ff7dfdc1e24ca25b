import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bare, plain, spansOf } from './ansi.ts';

const esc = '\u001b';
const shown = (line: string) => spansOf(line).spans.map(({ text, style }) => [text, style.fg, style.bold]);

test('colours and boldness hold until they are taken back', () => {
  expect(shown(`${esc}[1;31mred${esc}[22m thin${esc}[39m plain${esc}[0m`)).toEqual([
    ['red', 1, true],
    [' thin', 1, false],
    [' plain', null, false],
  ]);
});

test('256 and 16 million colours', () => {
  expect(shown(`${esc}[38;5;9ma${esc}[38;5;196mb${esc}[38;5;244mc${esc}[38;2;1;2;255md${esc}[97me`)).toEqual([
    ['a', 9, false],
    ['b', '#ff0000', false],
    ['c', '#808080', false],
    ['d', '#0102ff', false],
    ['e', 15, false],
  ]);
});

test('a style goes on in the next line', () => {
  const { style } = spansOf(`${esc}[33mwarn`);
  expect(spansOf('more', style).spans).toEqual([{ at: 0, text: 'more', style: { ...plain, fg: 3 } }]);
});

test('what moves a cursor, names a window or rings is left out', () => {
  expect(bare(`a${esc}[2Kb${esc}]0;title\u0007c\u0008\u0007d${esc}[?25le\tf`)).toBe('abcde\tf');
});

test('no text is too hostile: nothing of a sequence is shown, and nothing else is lost', () => {
  const pieces = fc.constantFrom(esc, '[', ']', '3', '8', ';', 'm', '\u0007', 'x', '\\', '\u009b', '38;5;999999', 'é');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => {
      const line = parts.join('');
      const { spans } = spansOf(line);
      expect(spans.map(({ text }) => text).join('')).toBe(bare(line));
      expect(bare(line)).not.toContain(esc);
    }),
  );
});

test('a long line of half sequences is read in its length', () => {
  const line = `${esc}]`.repeat(50_000);
  const began = performance.now();
  bare(line);
  bare(`${esc}[${'1;'.repeat(100_000)}`);
  expect(performance.now() - began).toBeLessThan(5_000);
});
