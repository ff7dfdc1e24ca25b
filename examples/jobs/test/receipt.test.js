import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receipt } from '../src/receipt.js';

test('a receipt adds up its lines', () => {
  const lines = [
    { name: 'Rope', cents: 1250 },
    { name: 'Lamp', cents: 899 },
  ];
  assert.equal(receipt({ buyer: 'Ada', lines }), 'Rope: 12.50 EUR\nLamp: 8.99 EUR\nAda pays 21.49 EUR');
});
