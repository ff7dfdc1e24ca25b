import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placed } from './order.ts';

test.each<[string, string | null | undefined, readonly string[] | null]>([
  ['qa', undefined, ['staging', 'production', 'qa']],
  ['qa', 'staging', ['staging', 'qa', 'production']],
  ['qa', null, ['qa', 'staging', 'production']],
  ['staging', 'production', ['production', 'staging']],
  ['production', undefined, ['staging', 'production']],
  ['production', null, ['production', 'staging']],
  ['qa', 'moon', null],
  ['staging', 'staging', null],
])('%s after %s', (name, after, expected) => {
  expect(placed(['staging', 'production'], name, after)).toEqual(expected);
});

test('however often things are moved, nothing is lost and nothing is twice there', () => {
  const names = ['a', 'b', 'c', 'd'];
  const move = fc.record({ name: fc.constantFrom(...names), after: fc.option(fc.constantFrom(...names)) });
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const order = moves.reduce<readonly string[]>((now, { name, after }) => placed(now, name, after) ?? now, names);
      expect(order.toSorted()).toEqual(names);
    }),
  );
});
