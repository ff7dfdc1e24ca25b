import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weightReader } from './weigh.ts';

const id = 'a'.repeat(40);
const entry = fc.record({
  size: fc.option(fc.nat(1_000_000_000)),
  name: fc.string({ unit: fc.constantFrom('a', '\t', '\n', ' ', '7', 'ü', '\u001b'), minLength: 1, maxLength: 30 }),
});

test('a listing is counted right, wherever it is cut, whatever names are in it', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(fc.nat()), (entries, cuts) => {
      const lines = entries.map(({ size, name }) =>
        size === null
          ? `160000 commit ${id}       -\t${name}\0`
          : `100644 blob ${id} ${`${size}`.padStart(7)}\t${name}\0`,
      );
      const whole = Buffer.from(lines.join(''));
      const weight = { files: 0, bytes: 0, path: 0 };
      const read = weightReader(weight);
      const ends = cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b);
      [0, ...ends].forEach((from, at) => {
        read(whole.subarray(from, ends[at] ?? whole.length));
      });
      const bytes = entries.reduce((sum, { size }) => sum + (size ?? 0), 0);
      const path = Math.max(0, ...entries.map(({ name }) => Buffer.byteLength(name)));
      expect(weight).toEqual({ files: entries.length, bytes, path });
    }),
  );
});
