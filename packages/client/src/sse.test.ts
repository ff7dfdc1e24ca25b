import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SseMessage, SseReader } from './sse.ts';

const read = (...pieces: string[]): SseMessage[] => {
  const reader = new SseReader();
  return pieces.flatMap((piece) => reader.push(piece));
};

test('a message has its position, its name and its data', () => {
  expect(read(':\n\nid: 7\nevent: end\ndata: {"a":1}\n\n')).toEqual([{ id: '7', event: 'end', data: '{"a":1}' }]);
  expect(read('data:one\ndata: two\ndata\n\n')).toEqual([{ id: null, event: 'message', data: 'one\ntwo\n' }]);
});

test('a position without data is told, a comment is not', () => {
  expect(read('id: 12\n\n:\n\n')).toEqual([{ id: '12', event: 'message', data: null }]);
});

test('what is not complete is not told', () => {
  expect(read('id: 1\ndata: x\n')).toEqual([]);
  expect(read('data: x\r', '\n\r')).toEqual([]);
  expect(read('data: x\r', '\n\r', '\n')).toHaveLength(1);
});

test('a message without an end is refused before it fills the memory', () => {
  const reader = new SseReader();
  const piece = 'x'.repeat(1_000_000);
  expect(() => {
    for (let count = 0; count < 100; count++) reader.push(piece);
  }).toThrow('too long');
  const lines = new SseReader();
  expect(() => {
    for (let count = 0; count < 100; count++) lines.push(`data: ${piece}\n`);
  }).toThrow('too long');
});

const line = fc.oneof(
  fc.constantFrom('', 'data: ä', 'data', 'id: 3', 'event: end', ':', 'other: x'),
  fc.string().map((text) => text.replaceAll(/[\r\n]/g, '')),
);
const ending = fc.constantFrom('\n', '\r\n', '\r');

test('wherever the text is cut, and however its lines end, the messages are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending)), fc.array(fc.nat(200)), (lines, cuts) => {
      // A line that ends in \r before an empty one that ends in \n would read as one line break: that is the format's own rule.
      const text = `${lines.map(([content, end]) => (content === '' ? `:${end}${end}` : `${content}${end}`)).join('')}`;
      const whole = read(`${text}:\n`);
      const ordered = [0, ...cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b), text.length];
      const pieces = ordered.slice(1).map((cut, index) => text.slice(ordered[index], cut));
      expect(read(...pieces, ':\n')).toEqual(whole);
    }),
  );
});
