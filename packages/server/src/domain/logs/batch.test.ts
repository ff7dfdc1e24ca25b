import { expect, test } from 'vitest';
import { batchBytes, dueIn } from './batch.ts';

test('the first line after a silence goes at once', () => {
  expect(dueIn({ bytes: 1, sinceWriteMs: Number.POSITIVE_INFINITY })).toBe(0);
  expect(dueIn({ bytes: 1, sinceWriteMs: 50 })).toBe(0);
});

test('those behind it gather, for 50 ms at the longest', () => {
  expect(dueIn({ bytes: 1, sinceWriteMs: 0 })).toBe(50);
  expect(dueIn({ bytes: batchBytes - 1, sinceWriteMs: 30 })).toBe(20);
});

test('many bytes do not wait', () => {
  expect(dueIn({ bytes: batchBytes, sinceWriteMs: 0 })).toBe(0);
});
