import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogLines } from './log-lines.ts';

const all = (lines: LogLines): string[] => Array.from({ length: lines.count }, (_, index) => lines.text(index));
const of = (...pieces: readonly string[]): LogLines => {
  const lines = new LogLines();
  for (const piece of pieces) lines.append(piece);
  return lines;
};

test('lines are the same however the pieces are cut', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '\n', ' ', 'x\r\n', '\u001b[31m', '\u001b[0m'), { maxLength: 60 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (parts, cuts) => {
      const whole = parts.join('');
      const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
      const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
      expect(all(of(...pieces))).toEqual(all(of(whole)));
    }),
  );
});

test('the last line counts before its end has come', () => {
  expect(all(of('one\ntw'))).toEqual(['one', 'tw']);
  expect(all(of('one\n'))).toEqual(['one']);
  expect(of('').count).toBe(0);
});

test('a progress bar is its last state', () => {
  expect(all(of('10 %\r50 %', '\r', '100 %\r\nready\r\n'))).toEqual(['100 %', 'ready']);
});

test('a colour goes on over lines, and is plain where it was taken back', () => {
  const lines = of('\u001b[31mred\nstill\n\u001b[0mplain\nend');
  const colours = [0, 1, 2, 3].map((index) => lines.spans(index).at(-1)?.style.fg);
  expect(colours).toEqual([1, 1, null, null]);
});

test('a line of megabytes is cut, and says so', () => {
  const lines = of('x'.repeat(6_000), 'x'.repeat(6_000), '\nnext');
  expect(lines.text(0)).toBe(`${'x'.repeat(10_000)}… 2,000 more characters in the raw log`);
  expect(lines.text(1)).toBe('next');
});

test('a line came when its piece did; a piece that goes on with a line does not change its time', () => {
  const lines = new LogLines();
  lines.append('one\ntw', '2026-01-01T00:00:00.000Z');
  lines.append('o\nthree\n', '2026-01-01T00:00:01.000Z');
  expect([0, 1, 2].map((index) => lines.at(index)?.slice(18, 19))).toEqual(['0', '0', '1']);
  expect(of('one\n').at(0)).toBeNull();
});

test('searching minds no case and no colour', () => {
  expect(of('Build \u001b[32mdo\u001b[0mne\nnothing\nDONE\n').search('done')).toEqual([0, 2]);
  expect(of('a\na\na\n').search('a', 2)).toEqual([0, 1]);
  expect(of('a\n').search('')).toEqual([]);
});
