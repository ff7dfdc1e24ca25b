import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheScopes, isTrusted } from './scope.ts';

const branch = fc.constantFrom('main', 'develop', 'feature', 'trusted', '', '__proto__');
const run = fc.record({ service: fc.integer({ min: 1, max: 3 }), branch });
const bound = fc.subarray(['main', 'develop']);

test('what an untrusted run writes is read by no trusted one, nor by another branch or service', () => {
  fc.assert(
    fc.property(run, run, bound, (writer, reader, environments) => {
      const scopes = (each: typeof writer) => cacheScopes({ ...each, trusted: isTrusted(each.branch, environments) });
      const { writes } = scopes(writer);
      const reads = scopes(reader).reads.some((scope) => JSON.stringify(scope) === JSON.stringify(writes));
      if (!reads) return;
      expect(reader.service).toBe(writer.service);
      const trustedWriter = isTrusted(writer.branch, environments);
      if (isTrusted(reader.branch, environments)) expect(trustedWriter).toBe(true);
      if (!trustedWriter) expect(reader.branch).toBe(writer.branch);
    }),
    { numRuns: 3_000 },
  );
});

test('every run reads what it writes, first', () => {
  fc.assert(
    fc.property(run, fc.boolean(), (each, trusted) => {
      const { reads, writes } = cacheScopes({ ...each, trusted });
      expect(reads[0]).toEqual(writes);
    }),
  );
});

test('an entry of a branch that an environment begins to follow is not read any more', () => {
  const before = cacheScopes({ service: 1, branch: 'qa', trusted: false });
  const after = cacheScopes({ service: 1, branch: 'qa', trusted: true });
  expect(after.reads).not.toContainEqual(before.writes);
});
