import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVat } from '../src/prices.js';

test('adds VAT', () => {
  assert.equal(withVat(1000, 21), 1210);
});

test('rounds to the nearest cent', () => {
  assert.equal(withVat(99, 21), 120);
});
