import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogForTerminal, printable, printableAnswer, printableJson } from './printable.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
const dangerous = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
const hostile = fc.string({
  unit: fc.constantFrom('a', '\x1b', '[', ']', '2', 'J', 'm', '\x07', '\\', '\u009b', '\u202e', '\n', 'é'),
});

describe('one line of text from elsewhere', () => {
  test.each([
    ['Fix the thing', 'Fix the thing'],
    ['red \x1b[31mred', 'red \\u001b[31mred'],
    ['title\x1b]0;pwned\x07', 'title\\u001b]0;pwned\\u0007'],
    ['csi \u009b2J', 'csi \\u009b2J'],
    ['exe.\u202etxt', 'exe.\\u202etxt'],
    ['two\r\nlines\tand a tab', 'two lines and a tab'],
    ['Größe 寸法 👍🏽', 'Größe 寸法 👍🏽'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('is one line that no terminal obeys, whatever it is', () => {
    fc.assert(fc.property(hostile, (text) => !dangerous.test(printable(text)) && !printable(text).includes('\n')));
  });
});

test('an answer has all its texts printable, and is the same otherwise', () => {
  const answer = { run: 3, deadline: null, stages: [{ name: 'unit', reason: 'a\x1b[2Jb' }] };
  expect(printableAnswer(answer)).toEqual({
    run: 3,
    deadline: null,
    stages: [{ name: 'unit', reason: 'a\\u001b[2Jb' }],
  });
});

test('JSON is safe to look at, and means the same', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const json = printableJson({ text });
      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(dangerous);
    }),
  );
});

describe('a log on a terminal', () => {
  const shown = (...pieces: string[]) => {
    const log = new LogForTerminal();
    return pieces.map((piece) => log.push(Buffer.from(piece))).join('') + log.flush();
  };

  test.each([
    ['keeps lines, tabs and colours', 'a\tb\r\n\x1b[1;31mred\x1b[0m\n', 'a\tb\r\n\x1b[1;31mred\x1b[0m\n'],
    ['moves no cursor, clears no screen', 'a\x1b[2J\x1b[10;1Hb\x1b[?1049hc', 'abc'],
    ['sets no title, writes no clipboard', '\x1b]0;title\x07a\x1b]52;c;ZXZpbA==\x1b\\b', 'ab'],
    ['asks the terminal nothing', '\x1b[6na\x1b[cb\x1bP$q\x1b\\c', 'abc'],
    ['resets nothing, changes no character set', '\x1bca\x1b(0b', 'ab'],
    ['rings no bell, goes back nowhere', 'a\x07b\x08c\x0ed', 'abcd'],
    ['knows the other form of control sequences', 'a\u009b2Jb', 'a2Jb'],
    ['shows what is left of a sequence that never ends', `\x1b]${'x'.repeat(5_000)}`, 'x'.repeat(5_000)],
  ])('%s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('gives the same however it is cut, bytes of one character included', () => {
    const text = 'größe \x1b[31mrot\x1b[0m \x1b]0;title\x1b\\ \x1b[2J ende\n';
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const log = new LogForTerminal();
      const out = log.push(bytes.subarray(0, cut)) + log.push(bytes.subarray(cut)) + log.flush();
      expect(out, `cut at ${cut}`).toBe('größe \x1b[31mrot\x1b[0m   ende\n');
    }
  });

  test('never lets anything but colours through', () => {
    fc.assert(
      fc.property(fc.array(hostile), (pieces) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours may pass.
        const left = shown(...pieces).replaceAll(/\x1b\[[0-9;:]*m/g, '');
        expect(left.replaceAll(/[\u202e]/g, '')).not.toMatch(dangerous);
      }),
    );
  });
});
