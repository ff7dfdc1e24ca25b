import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, sum } from '@shop/money';

test('formats cents', () => {
  assert.equal(format(1250), '12.50 EUR');
  assert.equal(format(5, 'SEK'), '0.05 SEK');
});

test('adds up lines', () => {
  assert.equal(
    sum([
      { cents: 1250, count: 2 },
      { cents: 899, count: 1 },
    ]),
    3399,
  );
});
