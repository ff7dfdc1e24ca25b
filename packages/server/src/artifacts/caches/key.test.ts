import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheKey, entryName, readEntryName } from './key.ts';

const parts = fc.record({
  toolchain: fc.string(),
  command: fc.string(),
  recipe: fc.record({
    folders: fc.array(fc.string(), { maxLength: 3 }),
    inputs: fc.array(fc.string(), { maxLength: 4 }),
  }),
});

test('keys are equal when all parts are', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      expect(cacheKey(structuredClone(one))).toBe(cacheKey(one));
      expect(cacheKey(one) === cacheKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

test('moving text from one part to the next gives another key', () => {
  const key = (toolchain: string, command: string, inputs: string[]) =>
    cacheKey({ toolchain, command, recipe: { folders: ['node_modules'], inputs } });
  const keys = [
    key('ab', 'c', []),
    key('a', 'bc', []),
    key('ab', 'c', ['']),
    key('ab', 'c', ['x', 'y']),
    key('ab', 'c', ['xy']),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('names of entries are plain, differ by scope, and tell who is trusted', () => {
  const scope = fc.record({ service: fc.nat(), branch: fc.option(fc.string(), { nil: null }) });
  const key = 'a'.repeat(40);
  fc.assert(
    fc.property(scope, scope, (one, other) => {
      expect(entryName(one, key)).toMatch(/^[0-9a-z-]+$/);
      expect(readEntryName(entryName(one, key))).toEqual({ trusted: one.branch === null });
      expect(entryName(one, key) === entryName(other, key)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
  expect(readEntryName('../x')).toBeNull();
});
