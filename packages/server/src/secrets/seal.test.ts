import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSealer } from './seal.ts';

const key = randomBytes(32);
const sealer = createSealer(key);
const refused = expect.objectContaining({ code: 'secret_unreadable' });

test('what is sealed opens again, in its own context only', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, text, (context, other, plaintext) => {
      const sealed = sealer.seal(context, plaintext);
      expect(sealer.open(context, sealed)).toBe(plaintext);
      if (context !== other) expect(() => sealer.open(other, sealed)).toThrow(refused);
    }),
  );
});

test('a change of any one byte is noticed', () => {
  const sealed = sealer.seal('target/7/KEY', 'hunter22');
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.open('target/7/KEY', changed), `byte ${index}`).toThrow(refused);
    expect(() => sealer.open('target/7/KEY', sealed.subarray(0, index)), `${index} bytes`).toThrow(refused);
  }
});

test('the same text is sealed differently each time, and is not to be seen', () => {
  const sealed = sealer.seal('c', 'hunter22');
  expect(sealed.equals(sealer.seal('c', 'hunter22'))).toBe(false);
  expect(sealed.includes('hunter22')).toBe(false);
});

test('the wrong key is told by its id, and the text is in no error', () => {
  const sealed = sealer.seal('target/7/KEY', 'hunter22');
  const open = () => createSealer(randomBytes(32)).open('target/7/KEY', sealed);
  expect(open).toThrow(
    /target\/7\/KEY cannot be opened: it was sealed with key [0-9a-f]{8}, and this server has [0-9a-f]{8}$/,
  );
});

test('a new key opens what an older one sealed, and seals by itself', () => {
  const next = randomBytes(32);
  const both = createSealer(next, key);
  expect(both.open('c', sealer.seal('c', 'old'))).toBe('old');
  const sealed = both.seal('c', 'new');
  expect(createSealer(next).open('c', sealed)).toBe('new');
  expect(() => sealer.open('c', sealed)).toThrow(refused);
});

test('a value out of a larger buffer is opened by its own bytes', () => {
  const larger = Buffer.concat([Buffer.from('xx'), sealer.seal('c', 'inside')]);
  expect(sealer.open('c', new Uint8Array(larger.buffer, larger.byteOffset + 2, larger.length - 2))).toBe('inside');
});
