import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeCharacters } from './text.ts';

test.each([
  ['ab', 2],
  ['aé', 3],
  ['a€', 4],
  ['a🙂', 5],
  ['', 0],
])('of %j nothing is held back', (text, length) => {
  expect(wholeCharacters(Buffer.from(text))).toBe(length);
});

test('the beginning of a character is held back', () => {
  const smile = Buffer.from('ab🙂');
  expect([3, 4, 5, 6].map((cut) => wholeCharacters(smile.subarray(0, cut)))).toEqual([2, 2, 2, 6]);
});

test('what can become no character is not', () => {
  expect(wholeCharacters(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(4);
  expect(wholeCharacters(Buffer.from([0x61, 0xff]))).toBe(2);
  expect(wholeCharacters(Buffer.from([0xc0]))).toBe(1);
});

test('any bytes, cut anywhere, come out whole, and text as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'binary' }), fc.nat(60), (noise, text, cut) => {
      for (const all of [Buffer.from(noise), Buffer.from(text)]) {
        const first = all.subarray(0, cut);
        const end = wholeCharacters(first);
        expect(first.length - end).toBeLessThanOrEqual(3);
        const both = first.subarray(0, end).toString() + all.subarray(end).toString();
        if (all.equals(Buffer.from(text))) expect(both).toBe(all.toString());
      }
    }),
  );
});
