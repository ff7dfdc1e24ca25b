import fc from 'fast-check';
import { expect, test } from 'vitest';
import { positionIn, positionOf } from './position.ts';

test('a position is read as it was written', () => {
  const position = {
    newest: 12,
    at: new Map([
      [9, 3400],
      [12, 0],
    ]),
  };
  expect(positionOf(position)).toBe('12.9-3400.12-0');
  expect(positionIn('12.9-3400.12-0')).toEqual(position);
  expect(positionIn('0')).toEqual({ newest: 0, at: new Map() });
});

test('anything else is none, and nothing throws', () => {
  for (const text of ['', '-1', '1.', '1.2', '1.2-', '1.2-3-4', '9'.repeat(16), '1e3', ' 1'])
    expect(positionIn(text)).toBeNull();
  fc.assert(fc.property(fc.string(), (text) => void positionIn(text)));
});
