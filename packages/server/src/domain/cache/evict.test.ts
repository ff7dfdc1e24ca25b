import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toEvict } from './evict.ts';

const entries = fc
  .array(fc.record({ trusted: fc.boolean(), bytes: fc.nat(100), usedAt: fc.nat(1_000) }), { maxLength: 20 })
  .map((found) => found.map((each, index) => ({ ...each, name: `e${index}` })));

test('what stays fits, is young enough, and nothing went without need', () => {
  fc.assert(
    fc.property(entries, fc.nat(500), fc.nat(1_000), (all, bytes, idleMs) => {
      const gone = toEvict(all, { bytes, idleMs }, 1_000);
      const stays = all.filter((each) => !gone.includes(each.name));
      const sum = stays.reduce((total, each) => total + each.bytes, 0);
      expect(sum).toBeLessThanOrEqual(bytes);
      for (const each of stays) expect(1_000 - each.usedAt).toBeLessThanOrEqual(idleMs);
      const last = all.find((each) => each.name === gone.at(-1));
      if (last !== undefined && 1_000 - last.usedAt <= idleMs) expect(sum + last.bytes).toBeGreaterThan(bytes);
    }),
  );
});

test('as long as another branch has entries, no trusted one goes for lack of space', () => {
  fc.assert(
    fc.property(entries, fc.nat(500), (all, bytes) => {
      const gone = new Set(toEvict(all, { bytes, idleMs: 1_000 }, 1_000));
      const trustedGone = all.some((each) => each.trusted && gone.has(each.name));
      if (trustedGone) expect(all.filter((each) => !each.trusted && !gone.has(each.name))).toEqual([]);
    }),
  );
});

test('the least recently used goes first', () => {
  const all = [3, 1, 2].map((usedAt) => ({ name: `${usedAt}`, trusted: true, bytes: 10, usedAt }));
  expect(toEvict(all, { bytes: 15, idleMs: 100 }, 5)).toEqual(['1', '2']);
});
