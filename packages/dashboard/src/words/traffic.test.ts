import { expect, test } from 'vitest';
import { percent, rate, trafficSentence } from './traffic.ts';

test('a rate in as few letters as tell enough', () => {
  expect([0, 0.04, 0.42, 9.96, 41.3, 1_240].map(rate)).toEqual(['0', '0', '0.4', '10', '41', '1.2k']);
});

test('a part in percent: small ones keep two digits', () => {
  expect([0, 0.0002, 0.004, 0.25, 1].map(percent)).toEqual(['0 %', '0.02 %', '0.4 %', '25 %', '100 %']);
});

test('the last minute in a sentence', () => {
  expect(trafficSentence({ perSecond: 412, errorRate: 0.0002, p95Ms: 84.3 })).toBe(
    '412 requests a second, 0.02 % failed, p95 84 ms',
  );
});
